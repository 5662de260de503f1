// SPDX-License-Identifier: Apache-2.0
#include "services/netd/networks/restore_networks.h"

#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "services/netd/networks/create_network.h"
#include "services/netd/networks/ipam_settings.h"
#include "services/netd/networks/predefined.h"

namespace tug::netd {
namespace {

absl::Status RestoreBridge(NetworkOwner& owner,
                           const network::v1::Network& network) {
  ASSIGN_OR_RETURN(const auto pools, ReadPools(network));
  RETURN_IF_ERROR(owner.addresses.AddNetwork(network.id(), pools));
  // Without it the network still has an inside.
  LogIfError(EnsureForwarding(owner, network),
             "containers do not reach the outside");
  return owner.bridges.Create(network);
}

}  // namespace

absl::Status RestoreNetworks(NetworkOwner& owner) {
  RETURN_IF_ERROR(owner.catalog.Load());
  for (const network::v1::Network& network : owner.catalog.List()) {
    if (network.driver() != kBridgeDriver) continue;
    LogIfError(RestoreBridge(owner, network),
               absl::StrCat("restore network ", network.name()));
  }
  return CreatePredefinedNetworks(owner);
}

}  // namespace tug::netd
