// SPDX-License-Identifier: Apache-2.0
//
// Times as Docker writes and reads them.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace tug::gatewayd {

absl::Time ToTime(const google::protobuf::Timestamp& timestamp);
google::protobuf::Timestamp ToTimestamp(absl::Time time);

// RFC 3339 in UTC with as many fractional digits as needed;
// "0001-01-01T00:00:00Z" for an absent (zero) timestamp.
std::string Rfc3339(const google::protobuf::Timestamp& timestamp);
std::string Rfc3339(absl::Time time);

// Without fraction, as volumes show it.
std::string FormatSeconds(const google::protobuf::Timestamp& timestamp);

// What "since" and "until" take: unix seconds with an optional fraction, a
// duration before `now` ("10m"), or an RFC 3339 time, parts of which may be
// missing (then UTC, midnight). `invalid seconds "x": invalid syntax`.
absl::StatusOr<absl::Time> ParseTimestamp(absl::string_view text,
                                          absl::Time now);

}  // namespace tug::gatewayd
