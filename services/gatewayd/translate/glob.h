// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"

namespace tug::gatewayd {

// Go's path.Match: * and ? do not match a slash, [a-z] and [^a] are classes, a
// backslash quotes. A malformed pattern matches nothing. Time is at most the
// product of both lengths.
bool MatchGlob(absl::string_view pattern, absl::string_view text);

}  // namespace tug::gatewayd
