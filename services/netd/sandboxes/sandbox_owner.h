// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/event/event_bus.h"
#include "services/netd/addresses/address_book.h"
#include "services/netd/background/retirement.h"
#include "services/netd/background/worker.h"
#include "services/netd/dns/dns_server.h"
#include "services/netd/firewall/firewall.h"
#include "services/netd/hosts/container_files.h"
#include "services/netd/namespaces/namespace_pool.h"
#include "services/netd/networks/network_catalog.h"
#include "services/netd/ports/port_binder.h"
#include "services/netd/ports/relay.h"
#include "services/netd/sandboxes/attachment_log.h"
#include "services/netd/sandboxes/sandbox_catalog.h"

namespace tug::netd {

// What the operations on sandboxes work with. All of it outlives them.
struct SandboxOwner {
  SandboxCatalog& catalog;
  NetworkCatalog& networks;
  AddressBook& addresses;
  NamespacePool& namespaces;
  const Firewall& firewall;
  PortBinder& binder;
  Relay& relay;
  DnsServer& dns;
  ContainerFiles& files;
  AttachmentLog& attachments;
  Worker& worker;
  Retirement& retirement;
  EventBus& events;
  // Bridge ports reflect frames where bridged frames pass the IP firewall:
  // else a container would not reach its own published port.
  bool hairpin = false;
};

}  // namespace tug::netd
