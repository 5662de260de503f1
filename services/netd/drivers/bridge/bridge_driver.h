// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "services/netd/background/worker.h"
#include "services/netd/firewall/firewall.h"
#include "services/netd/networks/network_driver.h"
#include "services/netd/networks/network_options.h"

namespace tug::netd {

// What the firewall holds for a network.
std::vector<Element> NetworkElements(const network::v1::Network& network,
                                     const BridgeOptions& options);

// Makes the bridge of a network: interface, gateway addresses, settings and
// firewall elements. A bridge that somebody else made is used, and stays when
// the network goes.
class BridgeDriver final : public NetworkDriver {
 public:
  BridgeDriver(const Firewall& firewall, Worker& worker)
      : firewall_(firewall), worker_(worker) {}

  // FAILED_PRECONDITION if an interface of that name is no bridge.
  absl::Status Create(const network::v1::Network& network) override;

  // The interface goes behind the caller's back: it takes tens of ms.
  absl::Status Remove(const network::v1::Network& network) override;

  // Deletes bridges that an earlier run made for networks which are no more.
  absl::Status RemoveStrays(const std::set<std::string>& network_ids);

 private:
  absl::Status PrepareLink(const network::v1::Network& network,
                           const BridgeOptions& options);
  // Names the owner of a bridge: this engine and the network.
  std::string AliasOf(absl::string_view network_id) const;

  const Firewall& firewall_;
  Worker& worker_;
};

}  // namespace tug::netd
