// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tug::netd {

// One line of a hosts file.
struct HostsLine {
  std::string address;
  // Separated by spaces.
  std::string names;
};

// A hosts file: the fixed lines, then `lines` in order. `ipv6` adds the fixed
// lines of IPv6.
std::string RenderHosts(bool ipv6, const std::vector<HostsLine>& lines);

// What becomes of a hosts file that may have been edited, when what we would
// write goes from `before` to `after`: lines that are ours no longer are taken
// out, new ones are appended, all others stay where they are.
std::string MergeHosts(absl::string_view current, absl::string_view before,
                       absl::string_view after);

}  // namespace tug::netd
