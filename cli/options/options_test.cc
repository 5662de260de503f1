// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "cli/options/byte_size.h"
#include "cli/options/container_request.h"
#include "cli/options/environment.h"
#include "cli/options/mount_spec.h"
#include "cli/options/port_spec.h"
#include "gtest/gtest.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

struct SpecCase {
  const char* spec;
  const char* expected;  // Beginning with "!": part of the error.
};

void Check(const SpecCase& c, const absl::StatusOr<std::string>& got) {
  const std::string expected = c.expected;
  if (expected[0] == '!') {
    ASSERT_FALSE(got.ok()) << c.spec << " gives " << *got;
    EXPECT_NE(std::string(got.status().message()).find(expected.substr(1)),
              std::string::npos)
        << c.spec << ": " << got.status();
  } else {
    ASSERT_TRUE(got.ok()) << c.spec << ": " << got.status();
    EXPECT_EQ(*got, expected) << c.spec;
  }
}

absl::StatusOr<std::string> ShowPorts(const char* spec) {
  const auto ports = ParsePublish(spec);
  if (!ports.ok()) return ports.status();
  std::string text;
  for (const PublishedPort& port : *ports) {
    absl::StrAppend(&text, text.empty() ? "" : " ", port.host_ip, "|",
                    port.host_port, "|", port.container);
  }
  return text;
}

TEST(ParsePublishTest, Table) {
  constexpr SpecCase kCases[] = {
      {"80", "||80/tcp"},
      {"8080:80", "|8080|80/tcp"},
      {"8080:80/UDP", "|8080|80/udp"},
      {"127.0.0.1:8080:80", "127.0.0.1|8080|80/tcp"},
      {"127.0.0.1::80/udp", "127.0.0.1||80/udp"},
      {"[::1]:8080:80", "::1|8080|80/tcp"},
      {"[::1]::80", "::1||80/tcp"},
      {"8000-8001:80-81", "|8000|80/tcp |8001|81/tcp"},
      {"80-81", "||80/tcp ||81/tcp"},
      {"8000-8010:80", "|8000-8010|80/tcp"},
      {"target=80,published=8080,protocol=udp", "|8080|80/udp"},
      {"abc", "!invalid containerPort: abc"},
      {"x:80", "!invalid hostPort: x"},
      {"80/xyz", "!invalid proto: xyz"},
      {"h:1:2", "!invalid IP address: h"},
      {"8000-8002:80-81", "!invalid ranges"},
      {"70000", "!invalid containerPort"},
      {"81-80", "!invalid containerPort"},
      {"8080:", "!no port specified"},
  };
  for (const SpecCase& c : kCases) Check(c, ShowPorts(c.spec));
}

absl::StatusOr<std::string> ShowMount(const char* spec) {
  const auto mount = ParseMount(spec);
  if (!mount.ok()) return mount.status();
  return json::serialize(*mount);
}

TEST(ParseMountTest, Table) {
  constexpr SpecCase kCases[] = {
      {"type=bind,src=/a,dst=/b,ro",
       R"({"Type":"bind","Source":"/a","Target":"/b","ReadOnly":true})"},
      {"source=data,target=/d,volume-nocopy",
       R"({"Type":"volume","Source":"data","Target":"/d",)"
       R"("VolumeOptions":{"NoCopy":true}})"},
      {"type=tmpfs,destination=/t,tmpfs-size=1m,tmpfs-mode=1777",
       R"({"Type":"tmpfs","Target":"/t",)"
       R"("TmpfsOptions":{"SizeBytes":1048576,"Mode":1023}})"},
      {"type=volume,dst=/d,\"volume-opt=o=a,b\"",
       R"({"Type":"volume","Target":"/d","VolumeOptions":{"DriverConfig":)"
       R"({"Options":{"o":"a,b"}}}})"},
      {"type=bind,src=/a,dst=/b,bind-recursive=disabled",
       R"({"Type":"bind","Source":"/a","Target":"/b",)"
       R"("BindOptions":{"NonRecursive":true}})"},
      {"type=bind,src=/a", "!target is required"},
      {"type=bind,dst=/b,volume-nocopy", "!cannot mix 'volume-*'"},
      {"dst=/b,color=red", "!unexpected key 'color'"},
      {"dst", "!must be a key=value pair"},
      {"dst=/b,ro=maybe", "!invalid value for ro"},
      {"dst=\"/b", "!unterminated quote"},
  };
  for (const SpecCase& c : kCases) Check(c, ShowMount(c.spec));
}

TEST(ParseVolumeTest, TellsAnonymousRelativeAndNamedApart) {
  EXPECT_EQ(ParseVolume("/data", "/home/u")->anonymous, "/data");
  EXPECT_EQ(ParseVolume("v:/data:ro", "/home/u")->bind, "v:/data:ro");
  EXPECT_EQ(ParseVolume("./a/../b:/x", "/home/u")->bind, "/home/u/b:/x");
  EXPECT_EQ(ParseVolume("..:/x", "/home/u")->bind, "/home:/x");
  EXPECT_FALSE(ParseVolume(":/x", "/").ok());
}

TEST(ParseBytesTest, KnowsUnits) {
  EXPECT_EQ(*ParseBytes("16m"), 16 << 20);
  EXPECT_EQ(*ParseBytes("1.5k"), 1536);
  EXPECT_EQ(*ParseBytes("64KiB"), 64 << 10);
  EXPECT_EQ(*ParseBytes("7"), 7);
  for (const char* bad : {"", "m", "1x", "-1", "1mm", "99999999999t"}) {
    EXPECT_FALSE(ParseBytes(bad).ok()) << bad;
  }
}

TEST(ParseMomentTest, TakesThreeForms) {
  const absl::Time now = absl::FromUnixSeconds(1000);
  EXPECT_EQ(*ParseMoment("10m", now), "400.000000000");
  EXPECT_EQ(*ParseMoment("123.5", now), "123.5");
  EXPECT_EQ(*ParseMoment("1970-01-01T00:01:00.5Z", now), "60.500000000");
  EXPECT_FALSE(ParseMoment("yesterday", now).ok());
}

TEST(ReadEnvironmentTest, TakesTheCallersValues) {
  setenv("TUG_OPTIONS_TEST", "mine", 1);
  const auto environment =
      ReadEnvironment({}, {"A=b=c", "TUG_OPTIONS_TEST", "TUG_NOT_SET", "E="});
  ASSERT_TRUE(environment.ok());
  EXPECT_EQ(*environment,
            (std::vector<std::string>{"A=b=c", "TUG_OPTIONS_TEST=mine", "E="}));
  EXPECT_FALSE(ReadEnvironment({}, {"=x"}).ok());
  EXPECT_FALSE(ReadEnvironment({"/no/such/file"}, {}).ok());
}

class BuildContainerRequestTest : public testing::Test {
 protected:
  // Parses as `run` does; the answer's text, or the error.
  json::object Build(std::vector<std::string> words) {
    ContainerOptions options;
    FlagSet flags;
    AddContainerFlags(options, flags);
    const auto rest = flags.Parse(words, true);
    EXPECT_TRUE(rest.ok()) << rest.status();
    const auto request = BuildContainerRequest(
        options, rest->at(0), {rest->begin() + 1, rest->end()}, {"/here"});
    error_ = std::string(request.status().message());
    return request.ok() ? *request : json::object();
  }

  std::string error_;
};

TEST_F(BuildContainerRequestTest, DefaultsAreDockers) {
  const json::object body = Build({"img", "sh", "-c", "x"});
  EXPECT_EQ(json::serialize(body.at("Cmd")), R"(["sh","-c","x"])");
  EXPECT_FALSE(body.contains("Entrypoint"));
  EXPECT_TRUE(body.at("AttachStdout").as_bool());
  EXPECT_FALSE(body.at("AttachStdin").as_bool());
  EXPECT_EQ(body.at("HostConfig").at("NetworkMode"), "default");
  EXPECT_TRUE(Build({"img"}).at("Cmd").is_null());
}

TEST_F(BuildContainerRequestTest, NetworksAndLinks) {
  json::object body = Build({"--network", "pond", "--network-alias", "d",
                             "--ip", "10.0.0.2", "--link", "a:b", "img"});
  EXPECT_EQ(json::serialize(body.at("NetworkingConfig")),
            R"({"EndpointsConfig":{"pond":{"Aliases":["d"],"Links":["a:b"],)"
            R"("IPAMConfig":{"IPv4Address":"10.0.0.2"}}}})");
  body = Build({"--net=host", "img"});
  EXPECT_EQ(body.at("HostConfig").at("NetworkMode"), "host");
  EXPECT_FALSE(body.contains("NetworkingConfig"));
  body = Build(
      {"--network", "name=n,alias=x,gw-priority=3", "--network", "m", "img"});
  EXPECT_EQ(json::serialize(body.at("NetworkingConfig")),
            R"({"EndpointsConfig":{"n":{"Aliases":["x"],"GwPriority":3},)"
            R"("m":{}}})");
}

TEST_F(BuildContainerRequestTest, LimitsAndSecurity) {
  const json::object host =
      Build({"-m", "16m", "--cpus", "0.5", "--pids-limit", "7", "--ulimit",
             "nofile=1:2", "--cap-add", "NET_ADMIN", "--security-opt",
             "no-new-privileges", "--device", "/dev/null:/dev/x:r", "img"})
          .at("HostConfig")
          .as_object();
  EXPECT_EQ(host.at("Memory"), 16 << 20);
  EXPECT_EQ(host.at("NanoCpus"), 500000000);
  EXPECT_EQ(host.at("PidsLimit"), 7);
  EXPECT_EQ(json::serialize(host.at("Ulimits")),
            R"([{"Name":"nofile","Soft":1,"Hard":2}])");
  EXPECT_EQ(json::serialize(host.at("Devices")),
            R"([{"PathOnHost":"/dev/null","PathInContainer":"/dev/x",)"
            R"("CgroupPermissions":"r"}])");
}

TEST_F(BuildContainerRequestTest, ConflictsAreErrors) {
  Build({"--rm", "--restart", "always", "img"});
  EXPECT_EQ(error_,
            "conflicting options: cannot specify both --restart and --rm");
  Build({"--restart", "on-failure:x", "img"});
  EXPECT_NE(error_.find("maximum retry count"), std::string::npos);
  Build({"--ulimit", "nofile=3:2", "img"});
  EXPECT_NE(error_.find("soft limit"), std::string::npos);
  Build({"-a", "nowhere", "img"});
  EXPECT_NE(error_.find("valid streams"), std::string::npos);
}

}  // namespace
}  // namespace tug::cli
