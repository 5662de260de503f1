// SPDX-License-Identifier: Apache-2.0
#include "lib/base/byte_budget.h"

#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace tug {
namespace {

TEST(ByteBudgetTest, RefusesByCountAndByBytes) {
  ByteBudget budget({.count = 2, .bytes = 10});
  EXPECT_TRUE(budget.TryTake(4));
  EXPECT_FALSE(budget.TryTake(7));
  EXPECT_TRUE(budget.TryTake(6));
  EXPECT_FALSE(budget.TryTake(0));
  budget.Give(6);
  EXPECT_EQ(budget.count(), 1u);
  EXPECT_EQ(budget.bytes(), 4u);
  EXPECT_TRUE(budget.Fits(6));
}

TEST(ByteBudgetTest, ASizeThatWouldWrapDoesNotFit) {
  ByteBudget budget({.count = 9, .bytes = 10});
  budget.Take(1);
  EXPECT_FALSE(budget.Fits(std::numeric_limits<size_t>::max()));
  budget.Take(20);
  EXPECT_TRUE(budget.exceeded());
  EXPECT_FALSE(budget.Fits(0));
}

TEST(ByteRingTest, DropsTheOldestByBytes) {
  ByteRing<std::string> ring({.count = 100, .bytes = 10});
  ring.Push("a", 4);
  ring.Push("b", 4);
  ring.Push("c", 4);
  ASSERT_EQ(ring.size(), 2u);
  EXPECT_EQ(ring[0], "b");
  EXPECT_EQ(ring.bytes(), 8u);
}

TEST(ByteRingTest, DropsTheOldestByCount) {
  ByteRing<std::string> ring({.count = 2, .bytes = 1000});
  for (const char* name : {"a", "b", "c"}) ring.Push(name, 1);
  ASSERT_EQ(ring.size(), 2u);
  EXPECT_EQ(ring[1], "c");
}

TEST(ByteRingTest, TheNewestIsKeptWhateverItsSize) {
  ByteRing<std::string> ring({.count = 2, .bytes = 10});
  ring.Push("small", 1);
  ring.Push("large", 11);
  ASSERT_EQ(ring.size(), 1u);
  EXPECT_EQ(ring[0], "large");
}

}  // namespace
}  // namespace tug
