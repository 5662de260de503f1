// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/page_token.h"

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"

namespace tug::rpc {
namespace {

TEST(PageTokenTest, KeyComesBack) {
  const std::string key("a/\0\xff", 4);
  EXPECT_THAT(DecodePageToken(EncodePageToken(key)), IsOkAndHolds(key));
  EXPECT_THAT(DecodePageToken(""), IsOkAndHolds(std::string()));
}

TEST(PageTokenTest, ForeignTokenIsRefused) {
  EXPECT_THAT(DecodePageToken("a!"), HasReason("PAGE_TOKEN_INVALID"));
  EXPECT_THAT(DecodePageToken(std::string(5000, 'A')),
              HasReason("PAGE_TOKEN_INVALID"));
}

TEST(PageSizeTest, IsClamped) {
  EXPECT_THAT(PageSize(0), IsOkAndHolds(size_t{1000}));
  EXPECT_THAT(PageSize(7), IsOkAndHolds(size_t{7}));
  EXPECT_THAT(PageSize(50000), IsOkAndHolds(size_t{10000}));
  EXPECT_THAT(PageSize(-1), HasReason("PAGE_SIZE_INVALID"));
}

}  // namespace
}  // namespace tug::rpc
