// SPDX-License-Identifier: Apache-2.0
#include "lib/base/fair_share.h"

#include "gtest/gtest.h"

namespace tug {
namespace {

constexpr int64_t kAnn = 1;
constexpr int64_t kBob = 2;

struct Case {
  const char* name;
  std::vector<PlaceHolder> holders;
  int64_t newcomer;
  std::optional<size_t> leaves;
};

class ChooseWhoLeavesTest : public testing::TestWithParam<Case> {};

TEST_P(ChooseWhoLeavesTest, IsFair) {
  EXPECT_EQ(ChooseWhoLeaves(GetParam().holders, GetParam().newcomer),
            GetParam().leaves);
}

const Case kCases[] = {
    {"TheLongestWaiting", {{kAnn, 5}, {kAnn, 3}, {kAnn, 4}}, kAnn, 1},
    {"OfWhoHasMost", {{kBob, 1}, {kAnn, 9}, {kAnn, 8}}, kBob, 2},
    {"NeverOfWhoHasFewer", {{kAnn, 0}, {kAnn, 0}, {kBob, 1}}, kAnn, {}},
    {"AtWorkIsLeftAlone", {{kAnn, 0}, {kAnn, 0}}, kAnn, {}},
    {"ButNotForOthersForEver", {{kAnn, 0}, {kAnn, 0}, {kAnn, 0}}, kBob, 2},
    {"WaitingGoesBeforeWorking", {{kAnn, 0}, {kAnn, 2}, {kAnn, 0}}, kBob, 1},
    {"OneMoreIsNoUnfairness", {{kAnn, 0}, {kAnn, 0}, {kBob, 0}}, kBob, {}},
    {"Nobody", {}, kAnn, {}},
};
INSTANTIATE_TEST_SUITE_P(All, ChooseWhoLeavesTest, testing::ValuesIn(kCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace tug
