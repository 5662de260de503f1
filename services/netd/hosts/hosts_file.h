// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

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

}  // namespace tug::netd
