// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace tug {

// At most `limit` bytes of `text`, cut between characters, with "?" for each
// byte that is not UTF-8. For file names and the output of processes that get
// into messages: Protobuf refuses a message with a broken string as a whole, so
// that one such record would break every list.
std::string Presentable(absl::string_view text, size_t limit);

}  // namespace tug
