// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::registryd {

// One way in that a registry offers (RFC 9110, section 11.3).
struct Challenge {
  std::string scheme;                             // Lower case: "bearer".
  std::map<std::string, std::string> parameters;  // Keys in lower case.
};

// Longest WWW-Authenticate value and most challenges and parameters in it.
inline constexpr size_t kMaxChallengeBytes = 8 * 1024;
inline constexpr size_t kMaxChallenges = 8;
inline constexpr size_t kMaxChallengeParameters = 32;

// Parses the value of one WWW-Authenticate header, which may hold several
// challenges. INVALID_ARGUMENT if it is malformed or past a limit.
absl::StatusOr<std::vector<Challenge>> ParseChallenges(
    absl::string_view header);

}  // namespace tug::registryd
