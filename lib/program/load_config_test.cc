// SPDX-License-Identifier: Apache-2.0
#include "lib/program/load_config.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/program/testdata/test_config.pb.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug {
namespace {

using program_test::TestConfig;
using testing::ElementsAre;
using testing::HasSubstr;

TestConfig Defaults() {
  TestConfig config;
  config.set_run_directory("/run/tug");
  config.set_enabled(true);
  config.add_address_pools("10.0.0.0/8");
  config.mutable_server()->set_host_name("a");
  config.mutable_server()->set_port(1);
  return config;
}

absl::StatusOr<TestConfig> Load(const std::string& text,
                                std::vector<std::string> overrides = {}) {
  TempDir directory;
  return LoadConfig({directory.Write("c.json", text), std::move(overrides)},
                    Defaults());
}

TEST(LoadConfigTest, NothingGivenKeepsDefaults) {
  const auto config = LoadConfig({}, Defaults());
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->SerializeAsString(), Defaults().SerializeAsString());
}

TEST(LoadConfigTest, NamedKeysReplaceDefaultsAndOthersStay) {
  const auto config = Load(R"({"enabled": false, "max-threads": 7,
      "address-pools": ["192.168.0.0/16"], "server": {"port": 2},
      "labels": {"my-key": "v"}, "mirrors": [{"host-name": "m"}]})");
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->run_directory(), "/run/tug");
  EXPECT_FALSE(config->enabled());
  EXPECT_EQ(config->max_threads(), 7);
  EXPECT_THAT(config->address_pools(), ElementsAre("192.168.0.0/16"));
  EXPECT_EQ(config->server().host_name(), "a");
  EXPECT_EQ(config->server().port(), 2);
  EXPECT_EQ(config->labels().at("my-key"), "v");
  EXPECT_EQ(config->mirrors(0).host_name(), "m");
}

TEST(LoadConfigTest, OverridesComeLastInOrder) {
  const auto config =
      Load(R"({"run-directory": "/a"})",
           {"run-directory=/b", "run-directory=/c=d", "server.port=9",
            "enabled=false", R"(address-pools=["x"])"});
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->run_directory(), "/c=d");
  EXPECT_EQ(config->server().port(), 9);
  EXPECT_FALSE(config->enabled());
  EXPECT_THAT(config->address_pools(), ElementsAre("x"));
}

struct BadCase {
  const char* name;
  const char* text;
  const char* override_text;
  const char* message;
};

class BadConfigTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadConfigTest, IsRefusedWithItsPlace) {
  const BadCase& c = GetParam();
  std::vector<std::string> overrides;
  if (c.override_text != nullptr) overrides.push_back(c.override_text);
  EXPECT_THAT(Load(c.text, overrides),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(c.message)));
}

constexpr BadCase kBadCases[] = {
    {"NoJson", "{", nullptr, "not JSON"},
    {"NoObject", "[]", nullptr, "object is needed"},
    {"UnknownKey", R"({"run-dir": ""})", nullptr, "unknown key run-dir"},
    {"SnakeCase", R"({"run_directory": ""})", nullptr, "unknown key"},
    {"NestedUnknown", R"({"server": {"x": 1}})", nullptr, "server: unknown"},
    {"WrongType", R"({"max-threads": "many"})", nullptr, "max_threads"},
    {"OverrideUnknown", "{}", "x=1", "--set x=1"},
    {"OverrideWithoutValue", "{}", "enabled", "key=value"},
    {"OverrideNotJson", "{}", "max-threads=many", "not JSON"},
};
INSTANTIATE_TEST_SUITE_P(
    All, BadConfigTest, testing::ValuesIn(kBadCases),
    [](const auto& info) { return std::string(info.param.name); });

TEST(LoadConfigTest, AbsentFileIsNotFound) {
  EXPECT_THAT(LoadConfig({"/nonexistent.json", {}}, Defaults()),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace tug
