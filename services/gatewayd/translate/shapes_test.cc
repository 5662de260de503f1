// SPDX-License-Identifier: Apache-2.0
//
// Golden shapes, as Docker 29.7.2 answered them.
#include <string>

#include "boost/json/parse.hpp"
#include "boost/json/serialize.hpp"
#include "gtest/gtest.h"
#include "services/gatewayd/translate/event_json.h"
#include "services/gatewayd/translate/image_json.h"
#include "services/gatewayd/translate/network_json.h"
#include "services/gatewayd/translate/registry_auth.h"
#include "services/gatewayd/translate/status_prose.h"
#include "services/gatewayd/translate/times.h"
#include "services/gatewayd/translate/volume_json.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

constexpr ApiVersion kVersion = {1, 56};
constexpr char kHex[] =
    "37f0deba17efa7df83ae2644d8f757063d1bb2e07d5ebe4c82811b3b67a5f0cf";

json::value Parse(const std::string& text) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  EXPECT_FALSE(error) << text;
  return value;
}

image::v1::Image SampleImage() {
  image::v1::Image image;
  image.set_id("sha256:aa");
  image.add_references("docker.io/library/busybox:1");
  image.add_digest_references(std::string("docker.io/library/busybox@sha256:") +
                              kHex);
  image.mutable_target()->set_media_type("m");
  image.mutable_target()->set_digest("sha256:aa");
  image.mutable_target()->set_size(405);
  *image.mutable_manifest() = image.target();
  image.mutable_created()->set_seconds(1795500273);
  image.mutable_created()->set_nanos(975739301);
  image.set_architecture("amd64");
  image.set_os("linux");
  image.mutable_config()->add_env("A=B");
  image.mutable_config()->mutable_cmd()->add_values("sh");
  image.add_diff_ids("sha256:d1");
  image.add_layer_sizes(1990656);
  image.set_size(3055962);
  auto* history = image.add_history();
  history->mutable_created()->set_seconds(1795500273);
  history->set_comment("Imported from -");
  auto* manifest = image.add_manifests();
  *manifest->mutable_target() = image.target();
  manifest->set_available(true);
  manifest->set_content_size(1065306);
  manifest->set_unpacked_size(1990656);
  manifest->set_kind(image::v1::ManifestSummary::IMAGE);
  return image;
}

TEST(ImageJsonTest, InspectSince152LeavesOutWhatIsEmpty) {
  EXPECT_EQ(json::value(EncodeImageInspect(SampleImage(), false, kVersion)),
            Parse(R"({"Id":"sha256:aa","RepoTags":["busybox:1"],
      "RepoDigests":["busybox@sha256:)" +
                  std::string(kHex) + R"("],
      "Comment":"Imported from -","Created":"2026-11-24T06:04:33.975739301Z",
      "Config":{"Env":["A=B"],"Cmd":["sh"]},"Architecture":"amd64",
      "Os":"linux","Size":1065306,
      "RootFS":{"Type":"layers","Layers":["sha256:d1"]},
      "Metadata":{"LastTagTime":"0001-01-01T00:00:00Z"},
      "Descriptor":{"mediaType":"m","digest":"sha256:aa","size":405}})"));
}

TEST(ImageJsonTest, InspectOfOldVersionsShowsEverything) {
  const json::object shown = EncodeImageInspect(SampleImage(), false, {1, 43});
  EXPECT_EQ(shown.at("Config"), Parse(R"({"AttachStderr":false,
      "AttachStdin":false,"AttachStdout":false,"Cmd":["sh"],"Domainname":"",
      "Entrypoint":null,"Env":["A=B"],"Hostname":"","Image":"","Labels":null,
      "OnBuild":null,"OpenStdin":false,"StdinOnce":false,"Tty":false,
      "User":"","Volumes":null,"WorkingDir":""})"));
  EXPECT_EQ(shown.at("GraphDriver"),
            Parse(R"({"Data":null,"Name":"overlayfs"})"));
  EXPECT_EQ(shown.at("Author"), "");
  EXPECT_EQ(shown.at("ContainerConfig"), nullptr);
  EXPECT_EQ(shown.at("VirtualSize"), 1065306);
  EXPECT_FALSE(shown.contains("Descriptor"));
}

TEST(ImageJsonTest, Summary) {
  EXPECT_EQ(json::value(EncodeImageSummary(SampleImage(), -1, true, kVersion)),
            Parse(R"({"Containers":0,"Created":1795500273,"Id":"sha256:aa",
      "Labels":{},"ParentId":"",
      "Descriptor":{"mediaType":"m","digest":"sha256:aa","size":405},
      "Manifests":[{"ID":"sha256:aa",
        "Descriptor":{"mediaType":"m","digest":"sha256:aa","size":405},
        "Available":true,"Size":{"Content":1065306,"Total":3055962},
        "Kind":"image","ImageData":{
          "Platform":{"architecture":"","os":""},
          "Size":{"Unpacked":1990656},"Containers":null}}],
      "RepoDigests":["busybox@sha256:)" +
                  std::string(kHex) + R"("],
      "RepoTags":["busybox:1"],"SharedSize":-1,"Size":3055962})"));
  image::v1::Image dangling = SampleImage();
  dangling.clear_references();
  dangling.clear_digest_references();
  const json::object old = EncodeImageSummary(dangling, -1, false, {1, 42});
  EXPECT_EQ(old.at("RepoTags"), Parse(R"(["<none>:<none>"])"));
  EXPECT_EQ(old.at("RepoDigests"), Parse(R"(["<none>@<none>"])"));
  EXPECT_EQ(old.at("Containers"), -1);
}

TEST(ImageJsonTest, HistoryIsNewestFirst) {
  image::v1::Image image = SampleImage();
  auto* step = image.add_history();
  step->mutable_created()->set_seconds(1795500275);
  step->set_created_by("CMD");
  step->set_empty_layer(true);
  EXPECT_EQ(json::value(EncodeImageHistory(image)),
            Parse(R"([{"Comment":"","Created":1795500275,"CreatedBy":"CMD",
      "Id":"sha256:aa","Size":0,"Tags":["busybox:1"]},
      {"Comment":"Imported from -","Created":1795500273,"CreatedBy":"",
      "Id":"<missing>","Size":1990656,"Tags":null}])"));
}

TEST(ImageJsonTest, SharedLayersCountWhereTheBaseIsTheSame) {
  image::v1::Image base = SampleImage();
  image::v1::Image child = SampleImage();
  child.add_diff_ids("sha256:d2");
  child.add_layer_sizes(7);
  image::v1::Image other;
  other.add_diff_ids("sha256:d2");
  other.add_layer_sizes(7);
  EXPECT_EQ(SharedSizes({base, child, other}),
            (std::vector<int64_t>{1990656, 1990656, 0}));
}

TEST(NetworkJsonTest, InspectShape) {
  network::v1::Network network;
  network.set_id("n1");
  network.set_name("net");
  network.set_driver("bridge");
  network.set_enable_ipv4(true);
  auto* pool = network.mutable_ipam()->add_pools();
  pool->set_subnet("172.19.0.0/16");
  pool->set_gateway("172.19.0.1");
  EXPECT_EQ(json::value(EncodeNetworkInspect(network, kVersion)),
            Parse(R"({"Name":"net","Id":"n1",
      "Created":"0001-01-01T00:00:00Z","Scope":"local","Driver":"bridge",
      "EnableIPv4":true,"EnableIPv6":false,"IPAM":{"Driver":"default",
      "Options":null,"Config":[{"Subnet":"172.19.0.0/16",
      "Gateway":"172.19.0.1"}]},"Internal":false,"Attachable":false,
      "Ingress":false,"ConfigFrom":{"Network":""},"ConfigOnly":false,
      "Options":{},"Labels":{},"Containers":{},"Status":{"IPAM":{"Subnets":{
      "172.19.0.0/16":{"IPsInUse":3,"DynamicIPsAvailable":65533}}}}})"));
  EXPECT_FALSE(EncodeNetworkInspect(network, {1, 51}).contains("Status"));
}

TEST(NetworkJsonTest, CreateRefusesInDockersWords) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"Name":1})",
       "invalid JSON: json: cannot unmarshal number into Go struct field "
       "CreateRequest.Name of type string"},
      {R"({"IPAM":1})",
       "invalid JSON: json: cannot unmarshal number into Go struct field "
       "CreateRequest.IPAM of type network.IPAM"},
      {R"({"IPAM":{"Config":1}})",
       "invalid JSON: json: cannot unmarshal number into Go struct field "
       "IPAM.IPAM.Config of type []network.IPAMConfig"},
      {R"({"IPAM":{"Config":[{"Subnet":1}]}})",
       "invalid JSON: json: cannot unmarshal number into Go struct field "
       "IPAMConfig.IPAM.Config.Subnet of type netip.Prefix"},
      {R"({"IPAM":{"Config":[{"Subnet":"zz"}]}})",
       "invalid JSON: netip.ParsePrefix(\"zz\"): no '/'"},
      {R"({"EnableIPv6":"a"})",
       "invalid JSON: json: cannot unmarshal string into Go struct field "
       "CreateRequest.EnableIPv6 of type bool"},
      {R"({"Scope":"swarm"})",
       "cannot create a swarm scoped network when swarm is not active"},
      {R"({"Scope":"global"})",
       "network scope \"global\" is not known: leave it out, or say "
       "\"local\""},
  };
  for (const auto& [body, message] : cases) {
    EXPECT_EQ(DecodeNetworkCreate(Parse(body)).status().message(), message);
  }
}

TEST(VolumeJsonTest, ClusterVolumesNeedASwarm) {
  EXPECT_TRUE(DecodeVolumeCreate(Parse(R"({"Name":"v"})")).ok());
  EXPECT_TRUE(absl::IsUnavailable(
      DecodeVolumeCreate(Parse(R"({"Name":"v","ClusterVolumeSpec":{}})"))
          .status()));
}

TEST(VolumeJsonTest, ShapeAndAbsentOptions) {
  volume::v1::Volume volume;
  volume.set_name("v");
  volume.set_driver("local");
  volume.set_mountpoint("/m");
  volume.mutable_created()->set_seconds(1795500477);
  volume.mutable_created()->set_nanos(5);
  EXPECT_EQ(json::value(EncodeVolume(volume)),
            Parse(R"({"CreatedAt":"2026-11-24T06:07:57Z","Driver":"local",
      "Labels":null,"Mountpoint":"/m","Name":"v","Options":null,
      "Scope":"local"})"));
  volume.mutable_options();
  EXPECT_EQ(EncodeVolume(volume).at("Options"), json::object());
}

event::v1::Event SampleEvent() {
  event::v1::Event event;
  event.set_type("container");
  event.set_action("exec_create: sh");
  event.set_actor_id("0123");
  event.mutable_time()->set_seconds(5);
  event.mutable_time()->set_nanos(6);
  (*event.mutable_attributes())["image"] = "busybox:1";
  (*event.mutable_attributes())["name"] = "web";
  return event;
}

TEST(EventJsonTest, OldClientsGetTheirFields) {
  EXPECT_EQ(json::value(EncodeEvent(SampleEvent(), kVersion)),
            Parse(R"({"Type":"container","Action":"exec_create: sh",
      "Actor":{"ID":"0123","Attributes":{"image":"busybox:1","name":"web"}},
      "scope":"local","time":5,"timeNano":5000000006})"));
  const json::object old = EncodeEvent(SampleEvent(), {1, 51});
  EXPECT_EQ(old.at("status"), "exec_create: sh");
  EXPECT_EQ(old.at("id"), "0123");
  EXPECT_EQ(old.at("from"), "busybox:1");
}

TEST(EventJsonTest, Filters) {
  const auto matches = [](const char* text) {
    return EventMatches(*Filters::Parse(text, {}), SampleEvent());
  };
  for (const char* text :
       {R"({"event":["exec_create"]})", R"({"container":["web"]})",
        R"({"container":["01"]})", R"({"image":["busybox"]})",
        R"({"type":["container","image"]})", R"({"scope":["local"]})",
        R"({"nonsense":["x"]})"}) {
    EXPECT_TRUE(matches(text)) << text;
  }
  for (const char* text : {R"({"event":["start"]})", R"({"container":["db"]})",
                           R"({"network":["web"]})", R"({"type":["image"]})",
                           R"({"label":["x"]})", R"({"scope":["swarm"]})"}) {
    EXPECT_FALSE(matches(text)) << text;
  }
}

TEST(StatusProseTest, SaysWhatDockerPsSays) {
  const absl::Time now = absl::FromUnixSeconds(1000000);
  runtime::v1::Container container;
  EXPECT_EQ(StatusProse(container, now), "Created");
  container.set_state(runtime::v1::CONTAINER_STATE_RUNNING);
  *container.mutable_started_at() = ToTimestamp(now - absl::Minutes(5));
  EXPECT_EQ(StatusProse(container, now), "Up 5 minutes");
  container.mutable_health()->set_state("starting");
  EXPECT_EQ(StatusProse(container, now), "Up 5 minutes (health: starting)");
  container.set_state(runtime::v1::CONTAINER_STATE_PAUSED);
  EXPECT_EQ(StatusProse(container, now), "Up 5 minutes (Paused)");
  container.set_state(runtime::v1::CONTAINER_STATE_EXITED);
  container.set_exit_code(137);
  *container.mutable_finished_at() = ToTimestamp(now - absl::Hours(2));
  EXPECT_EQ(StatusProse(container, now), "Exited (137) 2 hours ago");
}

TEST(StatusProseTest, Spans) {
  const std::pair<absl::Duration, const char*> cases[] = {
      {absl::Milliseconds(400), "Less than a second"},
      {absl::Seconds(1), "1 second"},
      {absl::Seconds(59), "59 seconds"},
      {absl::Seconds(61), "About a minute"},
      {absl::Minutes(59), "59 minutes"},
      {absl::Minutes(61), "About an hour"},
      {absl::Hours(47), "47 hours"},
      {absl::Hours(49), "2 days"},
      {absl::Hours(24 * 15), "2 weeks"},
      {absl::Hours(24 * 65), "2 months"},
      {absl::Hours(24 * 365 * 3), "3 years"},
  };
  for (const auto& [duration, text] : cases) {
    EXPECT_EQ(HumanDuration(duration), text);
  }
  EXPECT_EQ(HumanSize(3055962), "3.056MB");
  EXPECT_EQ(HumanSize(0), "0B");
}

TEST(RegistryAuthTest, IsLenient) {
  // {"username":"u","password":"p?>"} with and without padding.
  const RegistryAuth auth =
      DecodeRegistryAuth("eyJ1c2VybmFtZSI6InUiLCJwYXNzd29yZCI6InA_PiJ9");
  EXPECT_EQ(auth.credentials.username(), "u");
  EXPECT_EQ(auth.credentials.password(), "p?>");
  EXPECT_TRUE(DecodeRegistryAuth("").empty());
  EXPECT_TRUE(DecodeRegistryAuth("!!").empty());
  EXPECT_TRUE(DecodeRegistryAuth("e30=").empty());
  EXPECT_EQ(RegistryHost("https://index.docker.io/v1/"), "docker.io");
  EXPECT_EQ(RegistryHost(""), "docker.io");
  EXPECT_EQ(RegistryHost("http://localhost:5000/v2/"), "localhost:5000");
}

}  // namespace
}  // namespace tug::gatewayd
