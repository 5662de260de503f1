// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "boost/json.hpp"

namespace tug::cli {

// Looks each name up and prints what was found: an indented JSON array, or
// each by `format` on a line of its own. Errors go to standard error, and the
// exit status is 1.
absl::StatusOr<int> InspectObjects(
    const std::vector<std::string>& names, const std::string& format,
    const std::function<
        absl::StatusOr<boost::json::value>(const std::string& name)>& look_up);

}  // namespace tug::cli
