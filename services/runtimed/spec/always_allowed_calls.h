// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/types/span.h"

namespace tug::runtimed {

// Calls that any process may make: what ordinary programs need and what the
// kernel checks by itself.
absl::Span<const char* const> AlwaysAllowedCalls();

}  // namespace tug::runtimed
