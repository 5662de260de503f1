// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace tug {

// `path` in its normal form: absolute, without ".", "..", doubled and trailing
// slashes. Looks at no file: a link on the way is not followed.
std::string CleanPath(absl::string_view path);

}  // namespace tug
