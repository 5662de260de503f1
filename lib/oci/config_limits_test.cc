// SPDX-License-Identifier: Apache-2.0
#include "lib/oci/config_limits.h"

#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"

namespace tug::oci {
namespace {

TEST(ConfigLimitsTest, NamesThePartThatIsTooLarge) {
  const absl::Status status = CheckConfigSize(
      {.labels = kImageLimits.labels + 1, .command = 100 << 20}, kImageLimits);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(status.message(),
            "labels of 1048577 bytes: at most 1048576 are allowed");
  EXPECT_THAT(CheckConfigSize({.labels = kImageLimits.labels}, kImageLimits),
              IsOk());
}

TEST(ConfigLimitsTest, EmptyStringsCostToo) {
  EXPECT_EQ(BytesOf(std::vector<std::string>(1000)), 1000 * kStringOverhead);
  EXPECT_EQ(BytesOfMap(std::map<std::string, std::string>{{"ab", "c"}}),
            3 + 2 * kStringOverhead);
}

}  // namespace
}  // namespace tug::oci
