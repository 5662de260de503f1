// SPDX-License-Identifier: Apache-2.0
#include "lib/base/utf8.h"

#include "gtest/gtest.h"

namespace tug {
namespace {

TEST(Utf8Test, WhatIsNoUtf8BecomesQuestionMarks) {
  EXPECT_EQ(Presentable("a\xff\xc3\xbc\xc3", 100), "a?\xc3\xbc?");
  EXPECT_EQ(Presentable("\xed\xa0\x80", 100), "???");
}

TEST(Utf8Test, CutsBetweenCharacters) {
  EXPECT_EQ(Presentable("a\xc3\xbc", 2), "a");
  EXPECT_EQ(Presentable("a\xc3\xbc", 3), "a\xc3\xbc");
}

}  // namespace
}  // namespace tug
