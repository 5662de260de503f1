// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "boost/json.hpp"

namespace tug::cli {

// --env-file and -e, in this order: "K=V", or "K" to take the caller's own
// value (left out when it has none). INVALID_ARGUMENT.
absl::StatusOr<std::vector<std::string>> ReadEnvironment(
    const std::vector<std::string>& files,
    const std::vector<std::string>& words);

// --label-file and -l: "K=V" or "K". INVALID_ARGUMENT.
absl::StatusOr<boost::json::object> ReadLabels(
    const std::vector<std::string>& files,
    const std::vector<std::string>& words);

// "k=v" words as an object; a key alone has value "".
boost::json::object PairsToObject(const std::vector<std::string>& words);

// Reads a small file. INVALID_ARGUMENT names it.
absl::StatusOr<std::string> ReadTextFile(const std::string& path);

}  // namespace tug::cli
