// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "lib/base/status.h"

namespace tug {
namespace testing_internal {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& value) {
  return value.status();
}

}  // namespace testing_internal

// A Status or StatusOr that is OK.
MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  const absl::Status& status = testing_internal::StatusOf(arg);
  *result_listener << status.ToString();
  return status.ok();
}

// A StatusOr that is OK and whose value matches.
MATCHER_P(IsOkAndHolds, value,
          "is OK and holds " + testing::PrintToString(value)) {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  using Value = typename std::decay_t<decltype(arg)>::value_type;
  return testing::ExplainMatchResult(
      testing::MatcherCast<const Value&>(value), *arg, result_listener);
}

// A Status or StatusOr of this code.
MATCHER_P(StatusIs, code,
          "has code " + absl::StatusCodeToString(code)) {
  const absl::Status& status = testing_internal::StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code;
}

// A Status or StatusOr of this code whose message matches.
MATCHER_P2(StatusIs, code, message,
           "has code " + absl::StatusCodeToString(code) + " and a message") {
  const absl::Status& status = testing_internal::StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code &&
         testing::ExplainMatchResult(
             testing::MatcherCast<std::string>(message),
             std::string(status.message()), result_listener);
}

// A Status or StatusOr with this machine-readable reason.
MATCHER_P(HasReason, reason, std::string("has reason ") + reason) {
  const absl::Status& status = testing_internal::StatusOf(arg);
  *result_listener << status.ToString();
  return StatusReason(status) == reason;
}

}  // namespace tug
