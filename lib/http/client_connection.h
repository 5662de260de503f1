// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "lib/sys/unique_fd.h"

namespace tug::http {

// Where a Docker engine listens.
struct Endpoint {
  std::string text;       // As given, for errors.
  std::string unix_path;  // Empty: TCP.
  std::string host;
  std::string port;
};

// INVALID_ARGUMENT for anything but unix:// and tcp://host:port.
absl::StatusOr<Endpoint> ParseEndpoint(std::string_view text);

// Connects; UNAVAILABLE names the endpoint.
absl::StatusOr<UniqueFd> Connect(const Endpoint& endpoint);

}  // namespace tug::http
