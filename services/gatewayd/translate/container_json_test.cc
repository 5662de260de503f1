// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/container_json.h"

#include <set>
#include <string>

#include "boost/json/parse.hpp"
#include "boost/json/serialize.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "services/gatewayd/translate/endpoint_json.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

constexpr ApiVersion kVersion = {1, 56};

json::value Parse(const std::string& text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  EXPECT_FALSE(error) << text;
  return value;
}

CreateBody Decode(const std::string& text, ApiVersion version = kVersion) {
  absl::StatusOr<CreateBody> body = DecodeCreateBody(Parse(text), version);
  EXPECT_TRUE(body.ok()) << body.status() << " for " << text;
  return body.ok() ? *std::move(body) : CreateBody();
}

// Every property of the Engine API's ContainerConfig at 1.56, with a value
// that is not its default.
constexpr const char* kConfig[][2] = {
    {"Hostname", R"("h")"},
    {"Domainname", R"("d")"},
    {"User", R"("1:1")"},
    {"AttachStdin", "true"},
    {"AttachStdout", "true"},
    {"AttachStderr", "true"},
    {"ExposedPorts", R"({"80/tcp":{}})"},
    {"Tty", "true"},
    {"OpenStdin", "true"},
    {"StdinOnce", "true"},
    {"Env", R"(["A=1"])"},
    {"Cmd", R"(["a","b"])"},
    {"Healthcheck",
     R"({"Test":["CMD","x"],"Interval":1,"Timeout":2,"StartPeriod":3,)"
     R"("StartInterval":4,"Retries":5})"},
    {"ArgsEscaped", "true"},
    {"Image", R"("i")"},
    {"Volumes", R"({"/v":{}})"},
    {"WorkingDir", R"("/w")"},
    {"Entrypoint", R"(["e"])"},
    {"NetworkDisabled", "true"},
    {"OnBuild", R"(["RUN x"])"},
    {"Labels", R"({"l":"1"})"},
    {"StopSignal", R"("SIGINT")"},
    {"StopTimeout", "5"},
    {"Shell", R"(["s"])"},
};

// The same for HostConfig and the Resources that it includes.
constexpr const char* kHostConfig[][2] = {
    {"Binds", R"(["/a:/b"])"},
    {"ContainerIDFile", R"("/f")"},
    {"LogConfig", R"({"Type":"json-file","Config":{"max-size":"1m"}})"},
    {"NetworkMode", R"("n")"},
    {"PortBindings",
     R"({"80/tcp":[{"HostIp":"127.0.0.1","HostPort":"8080"}]})"},
    {"RestartPolicy", R"({"Name":"on-failure","MaximumRetryCount":3})"},
    {"AutoRemove", "true"},
    {"VolumeDriver", R"("v")"},
    {"VolumesFrom", R"(["c:ro"])"},
    {"Mounts",
     R"([{"Type":"bind","Source":"/s","Target":"/t","ReadOnly":true,)"
     R"("Consistency":"cached","BindOptions":{"Propagation":"rshared",)"
     R"("NonRecursive":true,"CreateMountpoint":true,)"
     R"("ReadOnlyNonRecursive":true,"ReadOnlyForceRecursive":true}},)"
     R"({"Type":"volume","VolumeOptions":{"NoCopy":true,"Labels":{"a":"b"},)"
     R"("DriverConfig":{"Name":"d","Options":{"o":"p"}},"Subpath":"s"}},)"
     R"({"Type":"tmpfs","TmpfsOptions":{"SizeBytes":1,"Mode":448,)"
     R"("Options":[["noexec"],["uid","1"]]}},)"
     R"({"Type":"image","ImageOptions":{"Subpath":"x"}},)"
     R"({"Type":"cluster","ClusterOptions":{}}])"},
    {"ConsoleSize", "[10,20]"},
    {"Annotations", R"({"a":"b"})"},
    {"CapAdd", R"(["NET_ADMIN"])"},
    {"CapDrop", R"(["ALL"])"},
    {"CgroupnsMode", R"("private")"},
    {"Dns", R"(["1.1.1.1"])"},
    {"DnsOptions", R"(["ndots:2"])"},
    {"DnsSearch", R"(["x"])"},
    {"ExtraHosts", R"(["a:1.2.3.4"])"},
    {"GroupAdd", R"(["7"])"},
    {"IpcMode", R"("host")"},
    {"Cgroup", R"("c")"},
    {"Links", R"(["a:b"])"},
    {"OomScoreAdj", "5"},
    {"PidMode", R"("host")"},
    {"Privileged", "true"},
    {"PublishAllPorts", "true"},
    {"ReadonlyRootfs", "true"},
    {"SecurityOpt", R"(["no-new-privileges"])"},
    {"StorageOpt", R"({"size":"1G"})"},
    {"Tmpfs", R"({"/t":"size=1m"})"},
    {"UTSMode", R"("host")"},
    {"UsernsMode", R"("host")"},
    {"ShmSize", "1"},
    {"Sysctls", R"({"net.ipv4.ip_forward":"1"})"},
    {"Runtime", R"("tug")"},
    {"Isolation", R"("default")"},
    {"MaskedPaths", R"(["/m"])"},
    {"ReadonlyPaths", R"(["/r"])"},
    {"CpuShares", "1"},
    {"Memory", "2"},
    {"CgroupParent", R"("p")"},
    {"BlkioWeight", "500"},
    {"BlkioWeightDevice", R"([{"Path":"/dev/a","Weight":3}])"},
    {"BlkioDeviceReadBps", R"([{"Path":"/dev/a","Rate":4}])"},
    {"BlkioDeviceWriteBps", R"([{"Path":"/dev/a","Rate":5}])"},
    {"BlkioDeviceReadIOps", R"([{"Path":"/dev/a","Rate":6}])"},
    {"BlkioDeviceWriteIOps", R"([{"Path":"/dev/a","Rate":7}])"},
    {"CpuPeriod", "8"},
    {"CpuQuota", "9"},
    {"CpuRealtimePeriod", "10"},
    {"CpuRealtimeRuntime", "11"},
    {"CpusetCpus", R"("0")"},
    {"CpusetMems", R"("0")"},
    {"Devices", R"([{"PathOnHost":"/dev/a","PathInContainer":"/dev/b",)"
                R"("CgroupPermissions":"r"}])"},
    {"DeviceCgroupRules", R"(["c 1:3 r"])"},
    {"DeviceRequests", R"([{"Driver":"d","Count":-1,"DeviceIDs":["0"],)"
                       R"("Capabilities":[["gpu"]],"Options":{"o":"p"}}])"},
    {"MemoryReservation", "12"},
    {"MemorySwap", "13"},
    {"MemorySwappiness", "14"},
    {"NanoCpus", "15"},
    {"OomKillDisable", "true"},
    {"Init", "true"},
    {"PidsLimit", "16"},
    {"Ulimits", R"([{"Name":"nofile","Soft":1,"Hard":2}])"},
    {"CpuCount", "17"},
    {"CpuPercent", "18"},
    {"IOMaximumIOps", "19"},
    {"IOMaximumBandwidth", "20"},
};

TEST(ContainerJsonTest, EveryConfigFieldRoundTrips) {
  for (const auto& [name, text] : kConfig) {
    const std::string body = std::string("{\"") + name + "\":" + text + "}";
    const json::object shown = EncodeConfig(Decode(body).config, kVersion);
    ASSERT_TRUE(shown.contains(name)) << name;
    EXPECT_EQ(shown.at(name), Parse(text)) << name;
  }
}

TEST(ContainerJsonTest, EveryHostConfigFieldRoundTrips) {
  for (const auto& [name, text] : kHostConfig) {
    const std::string body =
        std::string("{\"Image\":\"i\",\"HostConfig\":{\"") + name +
        "\":" + text + "}}";
    const json::object shown =
        EncodeHostConfig(Decode(body).host_config, kVersion);
    ASSERT_TRUE(shown.contains(name)) << name;
    EXPECT_EQ(shown.at(name), Parse(text)) << name;
  }
}

TEST(ContainerJsonTest, NoFieldBesidesDockers) {
  std::set<std::string> known;
  for (const auto& row : kHostConfig) known.insert(row[0]);
  for (const auto& entry : EncodeHostConfig({}, kVersion)) {
    EXPECT_TRUE(known.contains(std::string(entry.key()))) << entry.key();
  }
}

TEST(ContainerJsonTest, EveryEndpointSettingRoundTrips) {
  const std::string settings =
      R"({"IPAMConfig":{"IPv4Address":"10.0.0.2","IPv6Address":"fd00::2",)"
      R"("LinkLocalIPs":["169.254.1.1"]},"Links":["a:b"],"Aliases":["x"],)"
      R"("DriverOpts":{"k":"v"},"GwPriority":3,)"
      R"("MacAddress":"02:42:ac:11:00:02"})";
  const CreateBody body =
      Decode(R"({"Image":"i","NetworkingConfig":{"EndpointsConfig":{"n":)" +
             settings + "}}}");
  ASSERT_EQ(body.endpoints.size(), 1);
  EXPECT_EQ(body.endpoints[0].network_name(), "n");
  const json::object shown = EncodeEndpoint(body.endpoints[0]);
  const json::value expected = Parse(settings);
  for (const auto& entry : expected.get_object()) {
    EXPECT_EQ(shown.at(entry.key()), entry.value()) << entry.key();
  }
}

// Docker 29's answer to a create with nothing but an image, defaults of the
// engine left out.
TEST(ContainerJsonTest, EmptyFieldsAreShownAsDockerShowsThem) {
  const CreateBody body = Decode(R"({"Image":"i"})");
  EXPECT_EQ(
      EncodeConfig(body.config, kVersion),
      Parse(R"({"Hostname":"","Domainname":"","User":"","AttachStdin":false,
        "AttachStdout":false,"AttachStderr":false,"Tty":false,
        "OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":null,"Image":"i",
        "Volumes":null,"WorkingDir":"","Entrypoint":null,"Labels":{}})")
          .get_object());
  EXPECT_EQ(EncodeHostConfig(body.host_config, kVersion),
            Parse(R"({"Binds":null,"ContainerIDFile":"",
        "LogConfig":{"Type":"","Config":{}},"NetworkMode":"",
        "PortBindings":{},"RestartPolicy":{"Name":"","MaximumRetryCount":0},
        "AutoRemove":false,"VolumeDriver":"","VolumesFrom":null,
        "ConsoleSize":[0,0],"CapAdd":null,"CapDrop":null,"CgroupnsMode":"",
        "Dns":null,"DnsOptions":null,"DnsSearch":null,"ExtraHosts":null,
        "GroupAdd":null,"IpcMode":"","Cgroup":"","Links":null,
        "OomScoreAdj":0,"PidMode":"","Privileged":false,
        "PublishAllPorts":false,"ReadonlyRootfs":false,"SecurityOpt":null,
        "UTSMode":"","UsernsMode":"","ShmSize":0,"Runtime":"","Isolation":"",
        "CpuShares":0,"Memory":0,"NanoCpus":0,"CgroupParent":"",
        "BlkioWeight":0,"BlkioWeightDevice":null,"BlkioDeviceReadBps":null,
        "BlkioDeviceWriteBps":null,"BlkioDeviceReadIOps":null,
        "BlkioDeviceWriteIOps":null,"CpuPeriod":0,"CpuQuota":0,
        "CpuRealtimePeriod":0,"CpuRealtimeRuntime":0,"CpusetCpus":"",
        "CpusetMems":"","Devices":null,"DeviceCgroupRules":null,
        "DeviceRequests":null,"MemoryReservation":0,"MemorySwap":0,
        "MemorySwappiness":null,"OomKillDisable":false,"PidsLimit":null,
        "Ulimits":null,"CpuCount":0,"CpuPercent":0,"IOMaximumIOps":0,
        "IOMaximumBandwidth":0,"MaskedPaths":null,"ReadonlyPaths":null})")
                .get_object());
}

TEST(ContainerJsonTest, EmptyListsStayEmptyLists) {
  const CreateBody body = Decode(
      R"({"Entrypoint":[],"Healthcheck":{},"StopTimeout":0,"HostConfig":{
        "Binds":[],"CapAdd":[],"Ulimits":[],"Init":false,"Mounts":[],
        "MaskedPaths":[],"DeviceRequests":[{"Capabilities":[]}]}})");
  const json::object config = EncodeConfig(body.config, kVersion);
  EXPECT_EQ(config.at("Entrypoint"), json::array());
  EXPECT_EQ(config.at("Healthcheck"), json::object());
  EXPECT_EQ(config.at("StopTimeout"), 0);
  const json::object host = EncodeHostConfig(body.host_config, kVersion);
  EXPECT_EQ(host.at("Binds"), json::array());
  EXPECT_EQ(host.at("Ulimits"), json::array());
  EXPECT_EQ(host.at("MaskedPaths"), json::array());
  EXPECT_EQ(host.at("Init"), false);
  EXPECT_FALSE(host.contains("Mounts"));
}

TEST(ContainerJsonTest, TextIsACommandOfOneWord) {
  const CreateBody body = Decode(R"({"cmd":"date","ENTRYPOINT":"sh"})");
  EXPECT_THAT(body.config.cmd().values(), testing::ElementsAre("date"));
  EXPECT_THAT(body.config.entrypoint().values(), testing::ElementsAre("sh"));
}

TEST(ContainerJsonTest, ValuesMeaningUnsetAreUnset) {
  const CreateBody body = Decode(
      R"({"Env":null,"HostConfig":{"PidsLimit":-1,"MemorySwappiness":-1}})");
  EXPECT_FALSE(body.config.has_env());
  EXPECT_FALSE(body.host_config.has_pids_limit());
  EXPECT_FALSE(body.host_config.has_memory_swappiness());
}

TEST(ContainerJsonTest, EmptyBindingsWarnAndMeanAnyPort) {
  const CreateBody body = Decode(R"({"Image":"i","HostConfig":{"PortBindings":)"
                                 R"({"82/UDP":[],"81":null}}})");
  EXPECT_THAT(
      body.warnings,
      testing::ElementsAre("Following container port(s) have an empty list of "
                           "port-bindings: 81/tcp, 82/udp. Such bindings will "
                           "be discarded in a future version."));
  EXPECT_EQ(
      body.host_config.port_bindings().ports().at("81/tcp").bindings_size(), 1);
}

TEST(ContainerJsonTest, FieldsThatDoNothingWarn) {
  const CreateBody body =
      Decode(R"({"Image":"i","HostConfig":{"CpuCount":2}})");
  ASSERT_EQ(body.warnings.size(), 1);
  EXPECT_THAT(body.warnings[0], testing::HasSubstr("HostConfig.CpuCount"));
}

TEST(ContainerJsonTest, OldVersionsDoNotKnowNewFields) {
  const std::string body =
      R"({"Healthcheck":{"StartInterval":5},"HostConfig":{"Annotations":
        {"a":"b"},"ConsoleSize":[1,2],"Mounts":[{"Type":"volume",
        "BindOptions":{},"VolumeOptions":{"Subpath":"s"}}]}})";
  const CreateBody old = Decode(body, {1, 41});
  EXPECT_FALSE(old.host_config.has_annotations());
  EXPECT_EQ(old.host_config.console_size_size(), 0);
  EXPECT_EQ(old.config.healthcheck().start_interval(), 0);
  EXPECT_FALSE(old.host_config.mounts().values(0).has_bind_options());
  EXPECT_EQ(old.host_config.mounts().values(0).volume_options().subpath(), "");
  EXPECT_EQ(Decode(body).config.healthcheck().start_interval(), 5);
}

// Issue 7, B7.
TEST(UpdateTest, TellsNotGivenFromNoLimit) {
  const auto decode = [](const char* text) {
    const auto request = DecodeUpdateBody(Parse(text));
    EXPECT_TRUE(request.ok()) << request.status();
    return request->resources();
  };
  EXPECT_EQ(decode("{}").ByteSizeLong(), 0u);
  EXPECT_EQ(decode(R"({"Memory":0,"NanoCpus":0,"CpusetCpus":"",
                       "PidsLimit":null,"MemorySwappiness":-1})")
                .ByteSizeLong(),
            0u);
  EXPECT_EQ(decode(R"({"PidsLimit":0})").pids_limit(), -1);
  EXPECT_EQ(decode(R"({"PidsLimit":-7})").pids_limit(), -1);
  EXPECT_EQ(decode(R"({"PidsLimit":7})").pids_limit(), 7);
  EXPECT_EQ(decode(R"({"MemorySwap":-1})").memory_swap(), -1);
  EXPECT_EQ(decode(R"({"CpuQuota":-1})").cpu_quota(), -1);
  EXPECT_EQ(decode(R"({"BlkioWeight":300})").blkio_weight(), 300u);
  EXPECT_EQ(decode(R"({"BlkioDeviceReadBps":[{"Path":"/dev/x","Rate":0}]})")
                .blkio_device_read_bps()
                .values_size(),
            1);
}

// Issue 7, B30.
TEST(VersionsTest, ReadOnlyReachesSubMountsFrom144On) {
  const char* const body = R"({"Image":"x","HostConfig":{"Mounts":[
      {"Type":"bind","Source":"/a","Target":"/b","ReadOnly":true,
       "BindOptions":{}},
      {"Type":"bind","Source":"/a","Target":"/c","ReadOnly":true}]}})";
  const CreateBody old = Decode(body, {1, 43});
  EXPECT_FALSE(old.binds_read_only_recursively);
  const auto& mounts = old.host_config.mounts().values();
  EXPECT_TRUE(mounts[0].bind_options().read_only_non_recursive());
  EXPECT_FALSE(mounts[1].has_bind_options());
  const CreateBody current = Decode(body, {1, 44});
  EXPECT_TRUE(current.binds_read_only_recursively);
  EXPECT_FALSE(current.host_config.mounts()
                   .values(0)
                   .bind_options()
                   .read_only_non_recursive());
}

// Issue 7, B29 and B30.
TEST(VersionsTest, OldOnesRefuseWhatTheyCannotMean) {
  const auto refused = [](const char* body) {
    return std::string(
        DecodeCreateBody(Parse(body), {1, 43}).status().message());
  };
  EXPECT_EQ(refused(R"({"Image":"x","HostConfig":{"Mounts":[{"Type":"bind",
      "Source":"/a","Target":"/b",
      "BindOptions":{"ReadOnlyForceRecursive":true}}]}})"),
            "BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer");
  EXPECT_EQ(refused(R"({"Image":"x","NetworkingConfig":{"EndpointsConfig":
      {"b":{},"a":{}}}})"),
            "Container cannot be created with multiple network endpoints: "
            "a, b");
}

}  // namespace
}  // namespace tug::gatewayd
