// SPDX-License-Identifier: Apache-2.0
//
// Control files of one cgroup directory, named relative to its descriptor.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::cgroup {

// Largest control file that is read.
inline constexpr size_t kMaxControlFile = 1 << 20;

// One write(2); the kernel takes one value a write.
absl::Status WriteControl(int directory, const char* file,
                          absl::string_view value);
absl::Status WriteControl(int directory, const char* file, int64_t value);

absl::StatusOr<std::string> ReadControl(int directory, const char* file);

// A single number; "max" is the largest.
absl::StatusOr<uint64_t> ReadNumber(int directory, const char* file);

// Lines "key value".
absl::StatusOr<std::map<std::string, uint64_t>> ReadKeyed(int directory,
                                                          const char* file);

// Every process of this directory; not of those below.
absl::StatusOr<std::vector<int>> ReadProcesses(int directory);

}  // namespace tug::cgroup
