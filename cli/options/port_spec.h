// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::cli {

// One published port.
struct PublishedPort {
  std::string container;  // "80/tcp"
  std::string host_ip;    // Empty: all.
  std::string host_port;  // Empty: chosen; "8000-8010": one of these.
};

// "[ip:][host[-host]:]container[-container][/protocol]", or the long form
// "target=80,published=8080,protocol=tcp". Ranges give one entry a port.
// INVALID_ARGUMENT.
absl::StatusOr<std::vector<PublishedPort>> ParsePublish(absl::string_view spec);

// "80", "80-82/udp" as "80/tcp", ... INVALID_ARGUMENT.
absl::StatusOr<std::vector<std::string>> ParseExpose(absl::string_view spec);

}  // namespace tug::cli
