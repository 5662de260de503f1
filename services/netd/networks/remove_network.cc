// SPDX-License-Identifier: Apache-2.0
#include "services/netd/networks/remove_network.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/netd/networks/predefined.h"

namespace tug::netd {
namespace {

using network::v1::Network;

absl::Status CheckRemovable(const NetworkOwner& owner, const Network& network) {
  if (IsPredefined(network.name())) {
    return WithMetadata(
        WithReason(absl::PermissionDeniedError(
                       absl::StrCat(network.name(),
                                    " is a pre-defined network and cannot be "
                                    "removed")),
                   "NETWORK_PREDEFINED"),
        "name", network.name());
  }
  if (!network.config_only()) return absl::OkStatus();
  for (const Network& other : owner.catalog.List()) {
    if (other.config_from() != network.name()) continue;
    return WithReason(
        absl::FailedPreconditionError(absl::StrCat(
            "configuration network \"", network.name(), "\" is in use")),
        "NETWORK_IN_USE");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RemoveNetwork(NetworkOwner& owner, absl::string_view reference) {
  ASSIGN_OR_RETURN(const Network found, owner.catalog.Find(reference));
  RETURN_IF_ERROR(CheckRemovable(owner, found));
  ASSIGN_OR_RETURN(const Network network,
                   owner.catalog.BeginRemove(found.id()));
  // The record goes first: what a crash leaves in the kernel is collected at
  // the next start, but a record without its bridge would come back.
  const absl::Status removed = owner.catalog.FinishRemove(network.id());
  if (!removed.ok()) {
    owner.catalog.UndoRemove(network.id());
    return Annotate(removed, absl::StrCat("remove network ", network.name()));
  }
  owner.addresses.RemoveNetwork(network.id());
  if (network.driver() == kBridgeDriver) {
    LogIfError(owner.bridges.Remove(network),
               absl::StrCat("remove bridge of network ", network.name()));
  }
  event::v1::Event event;
  event.set_type("network");
  event.set_action("destroy");
  event.set_actor_id(network.id());
  (*event.mutable_attributes())["name"] = network.name();
  (*event.mutable_attributes())["type"] = network.driver();
  owner.events.Publish(std::move(event));
  return absl::OkStatus();
}

}  // namespace tug::netd
