// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/containers/container_filter.h"

#include <gtest/gtest.h>

#include "services/gatewayd/operations/recording_peers.h"

namespace tug::gatewayd {
namespace {

runtime::v1::Container Web() {
  runtime::v1::Container container;
  container.set_id("abcdef");
  container.set_name("web_1");
  container.set_state(runtime::v1::CONTAINER_STATE_EXITED);
  container.set_exit_code(3);
  container.mutable_finished_at()->set_seconds(1);
  container.set_image_id("sha256:1");
  container.mutable_config()->set_image("busybox");
  (*container.mutable_config()->mutable_labels()->mutable_values())["a"] = "b";
  container.mutable_host_config()->set_network_mode("front");
  runtime::v1::MountPoint& mount = *container.add_mounts();
  mount.set_type("volume");
  mount.set_name("data");
  mount.set_destination("/data");
  return container;
}

network::v1::Sandbox OnFront() {
  network::v1::Sandbox sandbox;
  sandbox.add_endpoints()->set_network_name("front");
  return sandbox;
}

struct FilterCase {
  const char* name;
  const char* filters;
  bool matches;
};

class ContainerFilterTest : public testing::TestWithParam<FilterCase> {};

TEST_P(ContainerFilterTest, MatchesAsDockerDoes) {
  RecordingPeers services;
  services.image.set_id("sha256:2");
  const auto filter =
      ContainerFilter::Parse(services.peers(), GetParam().filters);
  ASSERT_TRUE(filter.ok()) << filter.status();
  const network::v1::Sandbox sandbox = OnFront();
  EXPECT_EQ(filter->Matches(Web(), &sandbox), GetParam().matches);
}

constexpr FilterCase kFilterCases[] = {
    {"None", "", true},
    {"NamePart", R"({"name":["eb_"]})", true},
    {"NameWithSlash", R"({"name":["^/web"]})", true},
    {"OtherName", R"({"name":["^eb"]})", false},
    {"IdPrefix", R"({"id":["abc"]})", true},
    {"IdMiddle", R"({"id":["bcd"]})", false},
    {"Label", R"({"label":["a=b"]})", true},
    {"TwoLabels", R"({"label":["a","c"]})", false},
    {"Status", R"({"status":["running","exited"]})", true},
    {"OtherStatus", R"({"status":["running"]})", false},
    {"Exited", R"({"exited":["3"]})", true},
    {"OtherCode", R"({"exited":["0"]})", false},
    {"HealthNone", R"({"health":["none"]})", true},
    {"AncestorByName", R"({"ancestor":["busybox"]})", true},
    {"OtherAncestor", R"({"ancestor":["debian"]})", false},
    {"Network", R"({"network":["front"]})", true},
    {"OtherNetwork", R"({"network":["back"]})", false},
    {"VolumeByName", R"({"volume":["data"]})", true},
    {"VolumeByPath", R"({"volume":["/data"]})", true},
    {"OtherVolume", R"({"volume":["/dat"]})", false},
    {"Task", R"({"is-task":["true"]})", false},
    {"BothMustMatch", R"({"name":["web"],"status":["running"]})", false},
};
INSTANTIATE_TEST_SUITE_P(All, ContainerFilterTest,
                         testing::ValuesIn(kFilterCases), [](const auto& info) {
                           return std::string(info.param.name);
                         });

struct BadFilterCase {
  const char* name;
  const char* filters;
  const char* message;
};

class BadContainerFilterTest : public testing::TestWithParam<BadFilterCase> {};

TEST_P(BadContainerFilterTest, IsRefusedInDockersWords) {
  RecordingPeers services;
  const auto filter =
      ContainerFilter::Parse(services.peers(), GetParam().filters);
  EXPECT_EQ(filter.status().message(), GetParam().message);
}

constexpr BadFilterCase kBadFilterCases[] = {
    {"Unknown", R"({"foo":["x"]})", "invalid filter 'foo'"},
    {"NoJson", "x", "invalid filter"},
    {"State", R"({"status":["x"]})",
     "invalid filter 'status=x': invalid value for state (x): must be one of "
     "created, running, paused, restarting, removing, exited, dead"},
    {"Code", R"({"exited":["x"]})",
     "invalid filter 'exited=x': strconv.Atoi: parsing \"x\": invalid syntax"},
    {"Port", R"({"publish":["x"]})",
     "error while looking up for publish x: invalid start port 'x': invalid "
     "syntax"},
    {"PortOutOfRange", R"({"expose":["70000"]})",
     "error while looking up for expose 70000: invalid start port '70000': "
     "value out of range"},
    {"EndOutOfRange", R"({"expose":["1-70000"]})",
     "error while looking up for expose 1-70000: invalid end port '70000': "
     "value out of range"},
    {"PortsBackwards", R"({"publish":["10-5/udp"]})",
     "error while looking up for publish 10-5/udp: invalid port range: 10-5"},
    {"NoPort", R"({"publish":[""]})",
     "error while looking up for publish : invalid port range: value is "
     "empty"},
    {"NoStart", R"({"expose":["-5"]})",
     "error while looking up for expose -5: invalid start port '': value is "
     "empty"},
    {"ThreePorts", R"({"expose":["1-2-3"]})",
     "error while looking up for expose 1-2-3: invalid end port '2-3': invalid "
     "syntax"},
    {"CodeOutOfRange", R"({"exited":["99999999999999999999"]})",
     "invalid filter 'exited=99999999999999999999': strconv.Atoi: parsing "
     "\"99999999999999999999\": value out of range"},
};
INSTANTIATE_TEST_SUITE_P(All, BadContainerFilterTest,
                         testing::ValuesIn(kBadFilterCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace tug::gatewayd
