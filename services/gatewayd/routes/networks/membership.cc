// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/networks/membership.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/network_json.h"

namespace tug::gatewayd {
namespace {

// What a request of either kind names.
struct Parties {
  NetworkMembership body;
  runtime::v1::Container container;
  network::v1::Network network;
};

absl::StatusOr<NetworkMembership> ReadBody(RequestContext& context) {
  ASSIGN_OR_RETURN(const auto body, context.ReadJsonBody());
  if (!body.has_value()) return DockerError(400, "invalid JSON: EOF");
  return DecodeNetworkMembership(*body);
}

// The container comes first: Docker complains of it even where the network is
// missing, too.
absl::StatusOr<Parties> FindParties(const NetworkRoutePeers& peers,
                                    RequestContext& context) {
  Parties parties;
  ASSIGN_OR_RETURN(parties.body, ReadBody(context));
  if (parties.body.container.empty()) {
    return DockerError(400, "invalid name or ID supplied: \"\"");
  }
  context.subject = parties.body.container;
  runtime::v1::GetContainerRequest get;
  get.set_reference(parties.body.container);
  ASSIGN_OR_RETURN(parties.container, peers.containers.GetContainer(get));
  context.subject = context.parameter();
  network::v1::GetNetworkRequest request;
  request.set_network(context.parameter());
  ASSIGN_OR_RETURN(parties.network, peers.networks.GetNetwork(request));
  return parties;
}

// For the texts that name both.
absl::Status NameContainer(const absl::Status& status,
                           absl::string_view container) {
  if (status.ok()) return status;
  return WithMetadata(status, "container", container);
}

bool UsesHostNamespace(const runtime::v1::Container& container) {
  return container.host_config().network_mode() == "host";
}

}  // namespace

absl::Status ConnectContainer(const NetworkRoutePeers& peers,
                              RequestContext& context) {
  ASSIGN_OR_RETURN(Parties parties, FindParties(peers, context));
  if (parties.network.driver() == "host" &&
      !UsesHostNamespace(parties.container)) {
    return DockerError(400,
                       "cannot connect container to host network - container "
                       "must be created in host network mode");
  }
  if (parties.network.driver() == "null") {
    return DockerError(400,
                       "container cannot be connected to multiple networks "
                       "with one of the networks in private (none) mode");
  }
  network::v1::ConnectNetworkRequest request;
  request.set_lease(parties.container.id());
  request.set_network(parties.network.id());
  *request.mutable_endpoint() = std::move(parties.body.endpoint);
  if (context.version() < ApiVersion{1, 44}) {
    request.mutable_endpoint()->clear_requested_mac();
  }
  context.subject = parties.network.name();
  RETURN_IF_ERROR(
      NameContainer(peers.sandboxes.ConnectNetwork(request).status(),
                    parties.container.name()));
  return context.RespondEmpty(200);
}

absl::Status DisconnectContainer(const NetworkRoutePeers& peers,
                                 RequestContext& context) {
  ASSIGN_OR_RETURN(const Parties parties, FindParties(peers, context));
  if (parties.network.driver() == "host") {
    return DockerError(400,
                       "cannot disconnect container from host network - "
                       "container was created in host network mode");
  }
  network::v1::DisconnectNetworkRequest request;
  request.set_lease(parties.container.id());
  request.set_network(parties.network.id());
  request.set_force(parties.body.force);
  context.subject = parties.network.name();
  RETURN_IF_ERROR(
      NameContainer(peers.sandboxes.DisconnectNetwork(request).status(),
                    parties.container.id()));
  return context.RespondEmpty(200);
}

}  // namespace tug::gatewayd
