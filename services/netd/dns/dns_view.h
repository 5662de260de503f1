// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lib/netlink/ip.h"

namespace tug::netd {

// What one sandbox sees of the world's names.
struct DnsView {
  struct Network {
    std::string id;
    std::string name;
  };
  // Whose names it resolves, in this order.
  std::vector<Network> networks;
  // Legacy links: names that only this sandbox knows, and what they stand for.
  std::map<std::string, std::string> links;
  // Where other questions go; all are asked at once.
  std::vector<netlink::IpAddress> upstreams;
  // Upstreams that the user named are asked from inside the container, whose
  // routes they may need; the host's own from the host.
  bool ask_from_inside = false;
  // False: all networks are internal, and nothing leaves. Questions to servers
  // that the user named stay inside, and go out in any case.
  bool forward = true;
  // The user asked for ndots above 0, so that a single label is for the search
  // list and no question to the outside.
  bool ndots_set = false;
};

}  // namespace tug::netd
