// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/status_conversion.h"

#include "gtest/gtest.h"
#include "lib/base/status.h"
#include "lib/testing/status_matchers.h"

namespace tug::rpc {
namespace {

absl::Status ThereAndBack(const absl::Status& status) {
  return FromGrpc(ToGrpc(status, "test.tug"));
}

TEST(StatusConversionTest, KeepsCodeMessageReasonAndMetadata) {
  const absl::Status back = ThereAndBack(WithMetadata(
      WithReason(absl::NotFoundError("no x"), "X_UNKNOWN"), "name", "x"));
  EXPECT_THAT(back, StatusIs(absl::StatusCode::kNotFound, "no x"));
  EXPECT_THAT(back, HasReason("X_UNKNOWN"));
  EXPECT_EQ(StatusMetadata(back).at("name"), "x");
  EXPECT_THAT(ThereAndBack(absl::OkStatus()), IsOk());
}

TEST(StatusConversionTest, HostileBytesDoNotCostTheReason) {
  const absl::Status back = ThereAndBack(WithMetadata(
      WithReason(absl::NotFoundError("no \xff\xc3\xa4 file"), "R"), "name",
      "\xf0\x80\x80\x80"));
  EXPECT_THAT(back, StatusIs(absl::StatusCode::kNotFound,
                             "no ?\xc3\xa4 file"));
  EXPECT_THAT(back, HasReason("R"));
  EXPECT_EQ(StatusMetadata(back).at("name"), "????");
}

TEST(StatusConversionTest, LongTextsAreCutBelowTheTrailerLimit) {
  const grpc::Status wire = ToGrpc(
      WithMetadata(absl::NotFoundError(std::string(100000, 'm')), "k",
                   std::string(100000, 'v')),
      "test.tug");
  EXPECT_LT(wire.error_message().size() + wire.error_details().size() * 4 / 3,
            8000u);
}

TEST(StatusConversionTest, ForeignStatusKeepsCodeAndMessage) {
  EXPECT_THAT(FromGrpc(grpc::Status(grpc::UNAVAILABLE, "gone", "\xff")),
              StatusIs(absl::StatusCode::kUnavailable, "gone"));
}

}  // namespace
}  // namespace tug::rpc
