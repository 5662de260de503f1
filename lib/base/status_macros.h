// SPDX-License-Identifier: Apache-2.0
//
// The only macros of the project outside tests.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define TUG_STATUS_CONCAT_INNER(a, b) a##b
#define TUG_STATUS_CONCAT(a, b) TUG_STATUS_CONCAT_INNER(a, b)

// Returns from the calling function when `expression` (an absl::Status) is not
// OK.
#define RETURN_IF_ERROR(expression)                    \
  do {                                                 \
    absl::Status tug_status = (expression);            \
    if (!tug_status.ok()) [[unlikely]] {               \
      return tug_status;                               \
    }                                                  \
  } while (false)

// Declares or assigns `target` from an absl::StatusOr, or returns its status.
#define ASSIGN_OR_RETURN(target, expression)                             \
  auto TUG_STATUS_CONCAT(tug_value_, __LINE__) = (expression);           \
  if (!TUG_STATUS_CONCAT(tug_value_, __LINE__).ok()) [[unlikely]] {      \
    return std::move(TUG_STATUS_CONCAT(tug_value_, __LINE__)).status();  \
  }                                                                      \
  target = *std::move(TUG_STATUS_CONCAT(tug_value_, __LINE__))
