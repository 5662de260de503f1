// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::netd {

// `path` is relative to /proc/sys/net ("ipv4/ip_forward"). The namespace is
// that of the calling thread. NOT_FOUND where the kernel lacks the setting, or
// the interface that it belongs to.
absl::Status WriteSysctl(const std::string& path, absl::string_view value);
absl::StatusOr<std::string> ReadSysctl(const std::string& path);

// The names in a directory of settings ("ipv4/conf": all, default, and one an
// interface).
absl::StatusOr<std::vector<std::string>> ListSysctls(const std::string& path);

}  // namespace tug::netd
