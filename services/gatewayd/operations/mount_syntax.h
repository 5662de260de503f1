// SPDX-License-Identifier: Apache-2.0
//
// The two ways in which Docker's clients ask for a mount.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/gatewayd/operations/planned_mount.h"

namespace tug::gatewayd {

// "source:target[:mode]", or "target" for an anonymous volume. Errors are
// Docker's, with Docker's status.
absl::StatusOr<PlannedMount> ParseBind(const std::string& text,
                                       const std::string& volume_driver);

// The long form. INVALID_ARGUMENT, or UNIMPLEMENTED for images.
absl::StatusOr<PlannedMount> ParseMount(const runtime::v1::Mount& mount);

// "container[:mode]": whose mounts, and whether they become read-only.
struct VolumesFrom {
  std::string container;
  bool read_only = false;
};
absl::StatusOr<VolumesFrom> ParseVolumesFrom(const std::string& text);

// Absolute, without "." and "..", without a trailing slash.
std::string CleanPath(absl::string_view path);

}  // namespace tug::gatewayd
