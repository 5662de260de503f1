// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace tug::cli {

// "16m", "1.5g", "64KiB", "1024": powers of 1024. INVALID_ARGUMENT.
absl::StatusOr<int64_t> ParseBytes(absl::string_view text);

// Go's durations: "1m30s", "500ms". INVALID_ARGUMENT.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text);

// What logs and events take as --since and --until: RFC 3339 (date alone too),
// unix seconds, or a duration before now. Answers "seconds.nanoseconds".
absl::StatusOr<std::string> ParseMoment(absl::string_view text, absl::Time now);

// "0.5" as billionths. INVALID_ARGUMENT.
absl::StatusOr<int64_t> ParseCpus(absl::string_view text);

}  // namespace tug::cli
