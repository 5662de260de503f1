// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tug {

// Ends the process with the place and text of a broken invariant.
[[noreturn]] void CheckFailed(const char* file, int line, const char* text);

}  // namespace tug

// For invariants that only a defect can break; never for bad input. Abseil
// 20220623 has no CHECK.
#define CHECK(condition)                                   \
  do {                                                     \
    if (!(condition)) [[unlikely]] {                       \
      ::tug::CheckFailed(__FILE__, __LINE__, #condition);  \
    }                                                      \
  } while (false)
