// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/config.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug::tugd {
namespace {

using testing::HasSubstr;

absl::StatusOr<EngineConfig> Load(const std::string& text,
                                  std::vector<std::string> overrides = {}) {
  TempDir directory;
  return LoadEngineConfig(
      {directory.Write("tug.json", text), std::move(overrides)});
}

TEST(EngineConfigTest, SectionsGetTheDirectoriesOfTugd) {
  const auto config =
      Load(R"({"tugd": {"run-directory": "/r"}, "netd": {"bridge-name": "b"}})",
           {"state-directory=/s"});
  ASSERT_THAT(config, IsOk());
  EXPECT_EQ(config->tugd.run_directory(), "/r");
  EXPECT_EQ(config->sections.at("netd"),
            R"({"bridge-name":"b","run-directory":"/r",)"
            R"("state-directory":"/s"})");
  EXPECT_EQ(config->sections.size(), 6u);
}

TEST(EngineConfigTest, ServiceWithAnotherDirectoryIsRefused) {
  EXPECT_THAT(Load(R"({"netd": {"run-directory": "/x"}})"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("netd: run-directory differs")));
}

TEST(EngineConfigTest, UnknownNamesAreRefused) {
  EXPECT_THAT(Load(R"({"netdd": {}})"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("unknown section netdd")));
  EXPECT_THAT(Load(R"({"tugd": {"x": 1}})"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("unknown key x")));
  EXPECT_THAT(Load(R"({"netd": 1})"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace tug::tugd
