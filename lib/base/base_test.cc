// SPDX-License-Identifier: Apache-2.0
#include <cerrno>

#include "gtest/gtest.h"
#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug {
namespace {

TEST(StatusTest, AnnotateKeepsCodeReasonAndMetadata) {
  const absl::Status status = Annotate(
      WithMetadata(WithReason(absl::NotFoundError("no"), "X_UNKNOWN"), "k",
                   "v"),
      "find x");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "find x: no");
  EXPECT_EQ(StatusReason(status), "X_UNKNOWN");
  EXPECT_EQ(StatusMetadata(status).at("k"), "v");
}

TEST(StatusTest, ErrnoOfEitherSignIsKept) {
  EXPECT_EQ(StatusErrno(ErrnoStatus(-ENOENT, "open /x")), ENOENT);
  EXPECT_EQ(ErrnoStatus(ENOENT, "open /x").message(),
            "open /x: No such file or directory");
  EXPECT_TRUE(absl::IsNotFound(ErrnoStatus(ENOENT, "")));
}

absl::StatusOr<int> Half(int value) {
  if (value % 2 != 0) return absl::InvalidArgumentError("odd");
  return value / 2;
}

absl::StatusOr<int> Quarter(int value) {
  ASSIGN_OR_RETURN(const int half, Half(value));
  return Half(half);
}

TEST(StatusMacrosTest, AssignOrReturnStopsAtTheFirstError) {
  EXPECT_EQ(*Quarter(8), 2);
  EXPECT_FALSE(Quarter(6).ok());
  EXPECT_FALSE(Quarter(3).ok());
}

TEST(IdTest, NewIdsAreIdsAndDiffer) {
  const std::string a = NewId();
  EXPECT_TRUE(IsId(a));
  EXPECT_NE(a, NewId());
  EXPECT_EQ(ShortId(a).size(), 12u);
  EXPECT_FALSE(IsId("abc"));
  EXPECT_FALSE(IsId(std::string(64, 'G')));
}

}  // namespace
}  // namespace tug
