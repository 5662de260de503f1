// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "boost/json/parse.hpp"
#include "gtest/gtest.h"
#include "services/gatewayd/translate/container_json.h"

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

struct ErrorCase {
  const char* name;
  const char* body;
  const char* message;
};

class CreateErrorTest : public testing::TestWithParam<ErrorCase> {};

TEST_P(CreateErrorTest, IsToldInDockersWords) {
  const absl::StatusOr<CreateBody> body =
      DecodeCreateBody(Parse(GetParam().body), kVersion);
  ASSERT_FALSE(body.ok());
  EXPECT_EQ(body.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(body.status().message(), GetParam().message);
}

#define FIELD "invalid JSON: json: cannot unmarshal "
// Recorded from Docker 29.7.2.
constexpr ErrorCase kErrorCases[] = {
    {"Null", "null", "config cannot be empty in order to create a container"},
    {"Empty", "{}", "config cannot be empty in order to create a container"},
    {"HostOnly", R"({"HostConfig":{}})",
     "config cannot be empty in order to create a container"},
    {"TopArray", "[]",
     FIELD "array into Go value of type container.CreateRequest"},
    {"Image", R"({"Image":1})",
     FIELD "number into Go struct field CreateRequest.Config.Image of type "
           "string"},
    {"Env", R"({"Env":"a"})",
     FIELD "string into Go struct field CreateRequest.Config.Env of type "
           "[]string"},
    {"CmdElement", R"({"Cmd":[1]})",
     FIELD "number into Go struct field CreateRequest.Config.Cmd of type "
           "string"},
    {"Tty", R"({"Tty":"true"})",
     FIELD "string into Go struct field CreateRequest.Config.Tty of type bool"},
    {"Memory", R"({"HostConfig":{"Memory":"1"}})",
     FIELD "string into Go struct field HostConfig.HostConfig.Resources.Memory "
           "of type int64"},
    {"Fraction", R"({"HostConfig":{"Memory":1.5}})",
     FIELD "number 1.5 into Go struct field "
           "HostConfig.HostConfig.Resources.Memory of type int64"},
    {"Range16", R"({"HostConfig":{"BlkioWeight":70000}})",
     FIELD "number 70000 into Go struct field "
           "HostConfig.HostConfig.Resources.BlkioWeight of type uint16"},
    {"Negative", R"({"HostConfig":{"BlkioWeight":-1}})",
     FIELD "number -1 into Go struct field "
           "HostConfig.HostConfig.Resources.BlkioWeight of type uint16"},
    {"Label", R"({"Labels":{"a":1}})",
     FIELD "number into Go struct field CreateRequest.Config.Labels of type "
           "string"},
    {"Labels", R"({"Labels":[]})",
     FIELD "array into Go struct field CreateRequest.Config.Labels of type "
           "map[string]string"},
    {"HostConfig", R"({"HostConfig":[]})",
     FIELD "array into Go struct field CreateRequest.HostConfig of type "
           "container.HostConfig"},
    {"Port", R"({"ExposedPorts":{"80-82":{}}})",
     "invalid JSON: invalid port '80-82': invalid syntax"},
    {"PortRange", R"({"ExposedPorts":{"70000/tcp":{}}})",
     "invalid JSON: invalid port '70000': value out of range"},
    {"HostIp",
     R"({"HostConfig":{"PortBindings":{"80/tcp":[{"HostIp":"zz"}]}}})",
     "invalid JSON: ParseAddr(\"zz\"): unable to parse IP"},
    {"HostPort",
     R"({"HostConfig":{"PortBindings":{"80/tcp":[{"HostPort":1}]}}})",
     FIELD "number into Go struct field "
           "PortBinding.HostConfig.PortBindings.HostPort of type string"},
    {"MountType", R"({"HostConfig":{"Mounts":[{"Type":1}]}})",
     FIELD "number into Go struct field Mount.HostConfig.Mounts.Type of type "
           "mount.Type"},
    {"FileMode", R"({"HostConfig":{"Mounts":[{"TmpfsOptions":{"Mode":-1}}]}})",
     FIELD "number -1 into Go struct field "
           "TmpfsOptions.HostConfig.Mounts.TmpfsOptions.Mode of type "
           "fs.FileMode"},
    {"Mac",
     R"({"NetworkingConfig":{"EndpointsConfig":{"a":{"MacAddress":"zz"}}}})",
     "invalid JSON: address zz: invalid MAC address"},
    {"Aliases",
     R"({"NetworkingConfig":{"EndpointsConfig":{"a":{"Aliases":"1"}}}})",
     FIELD "string into Go struct field "
           "EndpointSettings.NetworkingConfig.EndpointsConfig.Aliases of type "
           "[]string"},
    {"Endpoint", R"({"NetworkingConfig":{"EndpointsConfig":{"a":1}}})",
     FIELD "number into Go struct field "
           "NetworkingConfig.NetworkingConfig.EndpointsConfig of type "
           "network.EndpointSettings"},
    {"Health", R"({"Healthcheck":{"Interval":"1s"}})",
     FIELD "string into Go struct field "
           "HealthcheckConfig.Config.Healthcheck.Interval of type "
           "time.Duration"},
    {"Device", R"({"HostConfig":{"Devices":["a"]}})",
     FIELD
     "string into Go struct field HostConfig.HostConfig.Resources.Devices "
     "of type container.DeviceMapping"},
    {"Capabilities",
     R"({"HostConfig":{"DeviceRequests":[{"Capabilities":["gpu"]}]}})",
     FIELD "string into Go struct field "
           "DeviceRequest.HostConfig.Resources.DeviceRequests.Capabilities of "
           "type []string"},
    {"Volumes", R"({"Volumes":{"a":1}})",
     FIELD "number into Go struct field CreateRequest.Config.Volumes of type "
           "struct {}"},
};
#undef FIELD
INSTANTIATE_TEST_SUITE_P(All, CreateErrorTest, testing::ValuesIn(kErrorCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace tug::gatewayd
