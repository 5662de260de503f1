// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/server/go_number.h"

#include <gtest/gtest.h>

namespace tug::gatewayd {
namespace {

TEST(GoNumberTest, UnsignedTakesDigitsUpToTheLimit) {
  EXPECT_EQ(ParseGoUnsigned("0", 10).value(), 0u);
  EXPECT_EQ(ParseGoUnsigned("65535", 65535).value(), 65535u);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "x", "1.5"}) {
    EXPECT_EQ(ParseGoUnsigned(text, 10).status().message(), "invalid syntax")
        << text;
  }
  for (const char* text : {"65536", "99999999999999999999999"}) {
    EXPECT_EQ(ParseGoUnsigned(text, 65535).status().message(),
              "value out of range")
        << text;
  }
}

TEST(GoNumberTest, SignedTakesASign) {
  EXPECT_EQ(ParseGoSigned("-5").value(), -5);
  EXPECT_EQ(ParseGoSigned("+5").value(), 5);
  for (const char* text : {"", "-", "+-1", "5x", " 5"}) {
    EXPECT_EQ(ParseGoSigned(text).status().message(), "invalid syntax") << text;
  }
  EXPECT_EQ(ParseGoSigned("99999999999999999999").status().message(),
            "value out of range");
}

}  // namespace
}  // namespace tug::gatewayd
