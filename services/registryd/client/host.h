// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::registryd {

// A registry by the name that users write: "docker.io", "localhost:5000",
// "[::1]:5000".
struct Host {
  std::string text;      // As written, lower case.
  std::string hostname;  // Without port and brackets.
  int port = 0;          // 0: the scheme's own.
};

// INVALID_ARGUMENT (REFERENCE_INVALID) for anything that is no host[:port].
absl::StatusOr<Host> ParseHost(absl::string_view text);

// Whether the name can only mean this machine: "localhost", 127/8, ::1.
bool IsLoopback(absl::string_view hostname);

// Where Docker Hub's API really is; other hosts are their own address.
std::string ApiAddress(const Host& host);

}  // namespace tug::registryd
