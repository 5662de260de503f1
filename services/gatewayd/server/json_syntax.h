// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace tug::gatewayd {

// Why `text` does not begin with a JSON value, in the words of Docker's
// decoder: "invalid character 'b' looking for beginning of object key string",
// "unexpected EOF", "EOF" for nothing at all. Empty when it does begin with
// one. Linear in the text, whatever its depth.
std::string ExplainJsonSyntax(absl::string_view text);

}  // namespace tug::gatewayd
