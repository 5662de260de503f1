// SPDX-License-Identifier: Apache-2.0
#include "services/netd/fairness/fair_share.h"

#include <string>

#include "gtest/gtest.h"

namespace tug::netd {
namespace {

using Share = FairShare<std::string, int>;

TEST(FairShareTest, TheLongestSilentOfWhoHasMostGivesWay) {
  Share share;
  EXPECT_EQ(share.GivesWayTo("a"), std::nullopt);
  for (const int id : {1, 2, 3}) share.Add("a", id);
  share.Add("b", 4);
  share.Touch(1);
  EXPECT_EQ(share.GivesWayTo("b"), 2);
  EXPECT_EQ(share.GivesWayTo("c"), 2);
  EXPECT_EQ(share.GivesWayTo("a"), 2);
  share.Remove(2);
  share.Add("b", 5);
  // Each has two: a newcomer takes one, those who are there their own.
  EXPECT_EQ(share.GivesWayTo("a"), 3);
  EXPECT_EQ(share.GivesWayTo("b"), 4);
  EXPECT_TRUE(share.GivesWayTo("c").has_value());
}

TEST(FairShareTest, AmongEqualsTheNewcomerIsRefused) {
  Share share;
  share.Add("a", 1);
  share.Add("b", 2);
  EXPECT_EQ(share.GivesWayTo("c"), std::nullopt);
  EXPECT_EQ(share.GivesWayTo("b"), 2);
  share.Remove(1);
  share.Remove(1);
  share.Touch(1);
  share.Remove(2);
  EXPECT_EQ(share.size(), 0u);
  EXPECT_EQ(share.GivesWayTo("a"), std::nullopt);
}

}  // namespace
}  // namespace tug::netd
