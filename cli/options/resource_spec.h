// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "boost/json.hpp"

namespace tug::cli {

// "no", "always", "on-failure:3" as the API's object. INVALID_ARGUMENT.
absl::StatusOr<boost::json::object> ParseRestartPolicy(const std::string& text);

// "nofile=1024:2048" as the API's object. INVALID_ARGUMENT.
absl::StatusOr<boost::json::object> ParseUlimit(const std::string& text);

// "/dev/a[:/dev/b[:rwm]]" as the API's object. INVALID_ARGUMENT.
absl::StatusOr<boost::json::object> ParseDevice(const std::string& text);

}  // namespace tug::cli
