// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "lib/event/event_bus.h"
#include "services/netd/addresses/address_book.h"
#include "services/netd/addresses/pool_chooser.h"
#include "services/netd/networks/network_catalog.h"
#include "services/netd/networks/network_driver.h"
#include "services/netd/networks/packet_forwarding.h"

namespace tug::netd {

// What the operations on networks work with. All of it outlives them.
struct NetworkOwner {
  NetworkCatalog& catalog;
  AddressBook& addresses;
  NetworkDriver& bridges;
  PacketForwarding& forwarding;
  EventBus& events;
  // Where subnets come from when the user names none; both families.
  std::vector<AddressPool> pools;
  // Interface of the default bridge.
  std::string bridge_name;
};

}  // namespace tug::netd
