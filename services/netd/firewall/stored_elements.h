// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "services/netd/firewall/element.h"

namespace tug::netd {

// All elements that the sets and maps of `table` hold in the kernel now. `fd`
// is a NETLINK_NETFILTER socket.
absl::StatusOr<std::set<Element>> ReadStoredElements(int fd,
                                                     const std::string& table);

}  // namespace tug::netd
