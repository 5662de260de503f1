// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace tug {

// `size` bytes from getrandom(2).
std::string RandomBytes(size_t size);

// 64 lower-case hex digits whose first 12 are not all decimal, because those
// become a host name.
std::string NewId();

// Whether `text` is 64 lower-case hex digits.
bool IsId(absl::string_view text);

// The first 12 digits, as people see ids.
absl::string_view ShortId(absl::string_view id);

}  // namespace tug
