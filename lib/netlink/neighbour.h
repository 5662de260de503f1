// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/netlink/ip.h"
#include "lib/netlink/link.h"
#include "lib/netlink/message.h"

namespace tug::netlink {

// Tells the kernel which MAC an address on `link` has just now, so that
// neither a stale entry nor a first resolution delays the first packet. It
// ages like one that was learned.
Message SetNeighbour(int link, const IpAddress& address, const MacAddress& mac);

// Takes it back. The kernel keeps 1024 entries for the whole host, and drops
// none that is younger than some seconds.
Message DeleteNeighbour(int link, const IpAddress& address);

}  // namespace tug::netlink
