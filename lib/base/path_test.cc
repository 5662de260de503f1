// SPDX-License-Identifier: Apache-2.0
#include "lib/base/path.h"

#include <gtest/gtest.h>

namespace tug {
namespace {

TEST(CleanPathTest, YieldsTheNormalForm) {
  EXPECT_EQ(CleanPath("/tmp/"), "/tmp");
  EXPECT_EQ(CleanPath("/tmp//x"), "/tmp/x");
  EXPECT_EQ(CleanPath("/a/./b/"), "/a/b");
  EXPECT_EQ(CleanPath("/tmp/../x"), "/x");
  EXPECT_EQ(CleanPath("/../a"), "/a");
  EXPECT_EQ(CleanPath("//"), "/");
  EXPECT_EQ(CleanPath("/a/.."), "/");
  EXPECT_EQ(CleanPath(""), "/");
  EXPECT_EQ(CleanPath("relative/.."), "/");
  EXPECT_EQ(CleanPath("/..."), "/...");
}

}  // namespace
}  // namespace tug
