// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::volumed {

// Options of the local driver as Docker's: "type", "o", "device"; a volume
// without any is a plain directory.
struct LocalOptions {
  std::string type;
  std::string device;
  unsigned long flags = 0;  // MS_*
  std::string data;         // What of "o" is the file system's own.
  std::string address;      // "addr=" of network file systems, unresolved.

  bool plain() const { return type.empty() && device.empty(); }
};

// INVALID_ARGUMENT (VOLUME_OPTIONS_INVALID) names the option.
absl::StatusOr<LocalOptions> ParseLocalOptions(
    const std::map<std::string, std::string>& options);

}  // namespace tug::volumed
