// SPDX-License-Identifier: Apache-2.0
//
// Patterns of ${name#pattern} and its like: "*" is anything, "?" one byte, a
// backslash takes the meaning of the next character.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::dockerfile {

// `value` without the shortest, or longest, prefix (suffix) that fits.
absl::StatusOr<std::string> TrimPrefix(absl::string_view value,
                                       absl::string_view pattern, bool longest);
absl::StatusOr<std::string> TrimSuffix(absl::string_view value,
                                       absl::string_view pattern, bool longest);

// `value` with the first shortest, or every longest, part that fits replaced.
// RESOURCE_EXHAUSTED where the result is larger than `limit`.
absl::StatusOr<std::string> Replace(absl::string_view value,
                                    absl::string_view pattern,
                                    absl::string_view replacement, bool all,
                                    size_t limit);

}  // namespace tug::dockerfile
