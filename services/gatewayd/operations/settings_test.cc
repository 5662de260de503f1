// SPDX-License-Identifier: Apache-2.0
//
// What a request's settings become: mounts, image defaults, sandbox.
#include <gtest/gtest.h>

#include "services/gatewayd/operations/create_container.h"
#include "services/gatewayd/operations/merge_image_config.h"
#include "services/gatewayd/operations/mount_syntax.h"
#include "services/gatewayd/operations/plan_mounts.h"
#include "services/gatewayd/operations/sandbox_settings.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {
namespace {

struct BindCase {
  const char* name;
  const char* text;
  const char* outcome;  // "type source|name target mode ro|rw", or the error.
};

class ParseBindTest : public testing::TestWithParam<BindCase> {};

TEST_P(ParseBindTest, FollowsDocker) {
  const auto planned = ParseBind(GetParam().text, "");
  if (!planned.ok()) {
    EXPECT_EQ(planned.status().message(), GetParam().outcome);
    return;
  }
  const runtime::v1::MountPoint& point = planned->point;
  EXPECT_EQ(point.type() + " " + point.source() + point.name() + " " +
                point.destination() + " " + point.mode() +
                (point.read_only() ? " ro" : " rw"),
            GetParam().outcome);
}

constexpr BindCase kBindCases[] = {
    {"Bind", "/a:/b", "bind /a /b  rw"},
    {"ReadOnly", "/a/../c:/b/:ro,Z", "bind /c /b ro,Z ro"},
    {"Volume", "data:/b", "volume data /b z rw"},
    {"Anonymous", "/b", "volume  /b z rw"},
    {"NoTarget", "foo",
     "invalid volume specification: 'foo': invalid mount config for type "
     "\"volume\": invalid mount path: 'foo' mount path must be absolute"},
    {"Root", "/tmp:/",
     "invalid volume specification: '/tmp:/': invalid mount config for type "
     "\"bind\": invalid specification: destination can't be '/'"},
    {"BadMode", "/tmp:/x:foo", "invalid mode: foo"},
    {"TwoAccesses", "/tmp:/x:ro,rw", "invalid mode: ro,rw"},
    {"TooMany", "a:b:c:d", "invalid volume specification: 'a:b:c:d'"},
    {"NoSource", ":/x", "invalid volume specification: ':/x'"},
    {"ModeWithoutSource", "/x:ro", "invalid volume specification: '/x:ro'"},
    {"PropagationOfVolume", "va:/x:rshared",
     "invalid volume specification: 'va:/x:rshared': invalid mount config for "
     "type \"volume\": field BindOptions must not be specified"},
};
INSTANTIATE_TEST_SUITE_P(All, ParseBindTest, testing::ValuesIn(kBindCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

absl::StatusOr<runtime::v1::Container> NoContainer(const std::string&) {
  return absl::NotFoundError("none");
}

TEST(PlanMountsTest, SameTargetTwiceIsRefused) {
  runtime::v1::HostConfig host;
  host.mutable_binds()->add_values("/tmp:/x");
  host.mutable_binds()->add_values("/var:/x/");
  const auto mounts = PlanMounts({}, host, NoContainer);
  EXPECT_EQ(mounts.status().message(), "Duplicate mount point: /x");
}

// Issue 7, B29: as Docker 29 has it.
TEST(PlanMountsTest, ATmpfsStandsOnAMountButNotOnABind) {
  runtime::v1::HostConfig host;
  (*host.mutable_tmpfs()->mutable_values())["/x/"] = "";
  auto& mount = *host.mutable_mounts()->add_values();
  mount.set_type("tmpfs");
  mount.set_target("/x");
  EXPECT_TRUE(PlanMounts({}, host, NoContainer).ok());
  host.mutable_mounts()->clear_values();
  host.mutable_binds()->add_values("/tmp:/x");
  EXPECT_EQ(PlanMounts({}, host, NoContainer).status().message(),
            "Duplicate mount point: /x");
}

TEST(PlanMountsTest, ImageVolumeYieldsToABind) {
  runtime::v1::Config config;
  config.mutable_volumes()->add_paths("/x");
  config.mutable_volumes()->add_paths("y");
  runtime::v1::HostConfig host;
  host.mutable_binds()->add_values("/tmp:/x");
  const auto mounts = PlanMounts(config, host, NoContainer);
  ASSERT_TRUE(mounts.ok()) << mounts.status();
  ASSERT_EQ(mounts->size(), 2u);
  EXPECT_EQ((*mounts)[0].point.type(), "bind");
  EXPECT_EQ((*mounts)[1].point.destination(), "/y");
}

TEST(PlanMountsTest, VolumesFromCanOnlyLoseRights) {
  runtime::v1::HostConfig host;
  host.mutable_volumes_from()->add_values("other:ro");
  const auto mounts = PlanMounts({}, host, [](const std::string&) {
    runtime::v1::Container other;
    runtime::v1::MountPoint& point = *other.add_mounts();
    point.set_type("volume");
    point.set_name("data");
    point.set_destination("/data");
    return absl::StatusOr<runtime::v1::Container>(other);
  });
  ASSERT_TRUE(mounts.ok()) << mounts.status();
  EXPECT_TRUE((*mounts)[0].point.read_only());
  EXPECT_TRUE((*mounts)[0].exists);
}

// Issue 7, B30.
TEST(PlanMountsTest, OldReadOnlyLeavesSubMountsWritable) {
  runtime::v1::HostConfig host;
  host.mutable_binds()->add_values("/tmp:/a:ro");
  host.mutable_binds()->add_values("/tmp:/b");
  host.mutable_binds()->add_values("vol:/c:ro");
  auto mounts = PlanMounts({}, host, NoContainer);
  ASSERT_TRUE(mounts.ok()) << mounts.status();
  LeaveSubMountsWritable(*mounts);
  EXPECT_TRUE((*mounts)[0].point.read_only_non_recursive());
  EXPECT_FALSE((*mounts)[1].point.read_only_non_recursive());
  EXPECT_FALSE((*mounts)[2].point.read_only_non_recursive());
}

TEST(MergeTest, GivenEntrypointDropsTheImagesCommand) {
  image::v1::ImageConfig image;
  image.mutable_entrypoint()->add_values("/entry");
  image.mutable_cmd()->add_values("arg");
  runtime::v1::Config config;
  config.mutable_entrypoint()->add_values("/mine");
  MergeImageConfig(image, config);
  EXPECT_EQ(config.entrypoint().values(0), "/mine");
  EXPECT_FALSE(config.has_cmd());
}

TEST(MergeTest, GivenCommandKeepsTheImagesEntrypoint) {
  image::v1::ImageConfig image;
  image.mutable_entrypoint()->add_values("/entry");
  image.mutable_cmd()->add_values("arg");
  runtime::v1::Config config;
  config.mutable_cmd()->add_values("mine");
  MergeImageConfig(image, config);
  EXPECT_EQ(config.entrypoint().values(0), "/entry");
  EXPECT_EQ(config.cmd().values(0), "mine");
}

TEST(MergeTest, EmptyWordAsEntrypointClearsIt) {
  image::v1::ImageConfig image;
  image.mutable_entrypoint()->add_values("/entry");
  runtime::v1::Config config;
  config.mutable_entrypoint()->add_values("");
  MergeImageConfig(image, config);
  EXPECT_FALSE(config.has_entrypoint());
}

TEST(MergeTest, UserEnvironmentWins) {
  image::v1::ImageConfig image;
  image.add_env("A=1");
  image.add_env("B=1");
  runtime::v1::Config config;
  config.mutable_env()->add_values("A=2");
  MergeImageConfig(image, config);
  ASSERT_EQ(config.env().values_size(), 2);
  EXPECT_EQ(config.env().values(0), "A=2");
  EXPECT_EQ(config.env().values(1), "B=1");
}

runtime::v1::Container WithMode(const std::string& mode) {
  runtime::v1::Container container;
  container.mutable_host_config()->set_network_mode(mode);
  return container;
}

network::v1::Endpoint On(const std::string& network) {
  network::v1::Endpoint endpoint;
  endpoint.set_network_name(network);
  return endpoint;
}

TEST(SandboxTest, NetworkOfTheModeComesFirst) {
  const auto request = MakeSandboxRequest(WithMode("front"), {On("back")});
  ASSERT_TRUE(request.ok());
  ASSERT_EQ(request->endpoints_size(), 2);
  EXPECT_EQ(request->endpoints(0).network_name(), "front");
  EXPECT_EQ(request->endpoints(1).network_name(), "back");
}

TEST(SandboxTest, NamedEndpointsReplaceTheDefaultNetwork) {
  const auto request = MakeSandboxRequest(WithMode("bridge"), {On("back")});
  ASSERT_TRUE(request.ok());
  ASSERT_EQ(request->endpoints_size(), 1);
  EXPECT_EQ(request->endpoints(0).network_name(), "back");
}

TEST(SandboxTest, PortRangesAndAddressesAreKept) {
  runtime::v1::Container container = WithMode("bridge");
  auto& ports = *container.mutable_host_config()
                     ->mutable_port_bindings()
                     ->mutable_ports();
  auto& binding = *ports["80/udp"].add_bindings();
  binding.set_host_ip("127.0.0.1");
  binding.set_host_port("8000-8010");
  const auto request = MakeSandboxRequest(container, {});
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->ports(0).protocol(), "udp");
  EXPECT_EQ(request->ports(0).host_port(), 8000u);
  EXPECT_EQ(request->ports(0).host_port_end(), 8010u);
}

TEST(SandboxTest, SharedNetworkForbidsPorts) {
  runtime::v1::HostConfig host;
  host.set_network_mode("container:x");
  (*host.mutable_port_bindings()->mutable_ports())["80/tcp"].add_bindings();
  EXPECT_EQ(CheckNetworkSettings({}, host).message(),
            "conflicting options: port publishing and the container type "
            "network mode");
}

TEST(NameTest, FollowsDocker) {
  EXPECT_EQ(*CheckContainerName("/web.1_a-b"), "web.1_a-b");
  EXPECT_EQ(*CheckContainerName(""), "");
  for (const char* name : {"a", "_a", "a/b", "/", "a b"}) {
    EXPECT_FALSE(CheckContainerName(name).ok()) << name;
  }
}

}  // namespace
}  // namespace tug::gatewayd
