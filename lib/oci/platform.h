// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "boost/json/object.hpp"

namespace tug::oci {

// What a program was built for. Always normalised ("x86_64" is "amd64",
// "aarch64" is "arm64", arm without variant is v7).
struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;
  std::string os_version;

  // "linux/arm64/v8"
  std::string ToString() const;
  friend bool operator==(const Platform&, const Platform&) = default;
};

// Maps the many spellings onto Go's. Absent parts stay empty.
Platform NormalizePlatform(Platform platform);

// Parses "os/arch[/variant]", "os" or "arch". INVALID_ARGUMENT.
absl::StatusOr<Platform> ParsePlatformText(absl::string_view text);

absl::StatusOr<Platform> ParsePlatform(const boost::json::object& object);
boost::json::object PlatformToJson(const Platform& platform);

// This machine's, by uname(2).
Platform HostPlatform();

// How well content for `candidate` runs where `wanted` is asked for: 0 not at
// all; more is better. An older arm variant runs on a newer one, 386 does not
// run on amd64 unless asked for, as with Docker.
int PlatformMatch(const Platform& wanted, const Platform& candidate);

}  // namespace tug::oci
