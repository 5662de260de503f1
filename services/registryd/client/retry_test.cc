// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/retry.h"

#include "gtest/gtest.h"

namespace tug::registryd {
namespace {

HttpResult Status(int status, const char* retry_after = "") {
  HttpResult result;
  result.status = status;
  if (*retry_after != '\0') result.headers["retry-after"] = retry_after;
  return result;
}

TEST(PauseBeforeTest, DoublesForServerErrors) {
  EXPECT_EQ(PauseBefore(1, Status(503)), absl::Milliseconds(250));
  EXPECT_EQ(PauseBefore(3, Status(500)), absl::Seconds(1));
  EXPECT_LT(PauseBefore(kMaxAttempts, Status(500)), absl::ZeroDuration());
}

TEST(PauseBeforeTest, RespectsRetryAfterUpToABound) {
  EXPECT_EQ(PauseBefore(1, Status(429, "3")), absl::Seconds(3));
  EXPECT_EQ(PauseBefore(1, Status(503, "1")), absl::Seconds(1));
  EXPECT_LT(PauseBefore(1, Status(429, "3600")), absl::ZeroDuration());
  EXPECT_LT(PauseBefore(1, Status(429)), absl::ZeroDuration());
}

TEST(PauseBeforeTest, WhatTheCallerMustMendIsNotRetried) {
  for (const int status : {400, 401, 403, 404, 418, 501}) {
    EXPECT_LT(PauseBefore(1, Status(status)), absl::ZeroDuration()) << status;
  }
  HttpResult unreachable;
  unreachable.failure = Failure::kConnect;
  EXPECT_LT(PauseBefore(1, unreachable), absl::ZeroDuration());
  HttpResult broken;
  broken.failure = Failure::kBroken;
  EXPECT_EQ(PauseBefore(1, broken), absl::Milliseconds(250));
}

TEST(RetryTest, CancelledEndsThePause) {
  Retry retry([] { return true; });
  EXPECT_FALSE(retry.Again(Status(503)));
}

}  // namespace
}  // namespace tug::registryd
