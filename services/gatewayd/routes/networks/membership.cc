// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/networks/membership.h"

#include <string>
#include <utility>

#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/operations/sandbox_settings.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/network_json.h"

namespace tug::gatewayd {
namespace {

// What a request of either kind names.
struct Parties {
  NetworkMembership body;
  // Of a container whose record is gone only the id.
  runtime::v1::Container container;
  network::v1::Network network;
};

absl::StatusOr<NetworkMembership> ReadBody(RequestContext& context) {
  ASSIGN_OR_RETURN(const auto body, context.ReadJsonBody());
  if (!body.has_value()) return DockerError(400, "invalid JSON: EOF");
  ASSIGN_OR_RETURN(NetworkMembership membership,
                   DecodeNetworkMembership(*body));
  if (membership.container.empty()) {
    return DockerError(400, "invalid name or ID supplied: \"\"");
  }
  if (context.version() < ApiVersion{1, 44}) {
    membership.endpoint.clear_requested_mac();
  }
  return membership;
}

// With `force` an unknown container is tried as an id: its record may be gone
// while its endpoint is not.
absl::StatusOr<runtime::v1::Container> FindContainer(
    const NetworkParts& parts, const NetworkMembership& body) {
  runtime::v1::GetContainerRequest request;
  request.set_reference(body.container);
  auto container = parts.peers.containers.GetContainer(request);
  if (absl::IsNotFound(container.status()) && body.force &&
      IsId(body.container)) {
    runtime::v1::Container lost;
    lost.set_id(body.container);
    return lost;
  }
  return container;
}

// The container comes first: Docker complains of it even where the network is
// missing, too.
absl::StatusOr<Parties> FindParties(const NetworkParts& parts,
                                    RequestContext& context) {
  Parties parties;
  ASSIGN_OR_RETURN(parties.body, ReadBody(context));
  context.subject = parties.body.container;
  ASSIGN_OR_RETURN(parties.container, FindContainer(parts, parties.body));
  context.subject = context.parameter();
  network::v1::GetNetworkRequest request;
  request.set_network(context.parameter());
  ASSIGN_OR_RETURN(parties.network, parts.peers.networks.GetNetwork(request));
  context.subject = parties.network.name();
  return parties;
}

absl::Status CheckConnectable(const Parties& parties) {
  const std::string& mode = parties.container.host_config().network_mode();
  if (!ContainerOfMode(mode).empty()) {
    return DockerError(400,
                       "container sharing network namespace with another "
                       "container or host cannot be connected to any other "
                       "network");
  }
  if (parties.network.driver() == "host" && mode != "host") {
    return DockerError(400,
                       "cannot connect container to host network - container "
                       "must be created in host network mode");
  }
  if (parties.network.driver() == "null") {
    return DockerError(400,
                       "container cannot be connected to multiple networks "
                       "with one of the networks in private (none) mode");
  }
  return absl::OkStatus();
}

// For the texts that name both.
absl::Status NameContainer(const absl::Status& status,
                           absl::string_view container) {
  if (status.ok()) return status;
  return WithMetadata(status, "container", container);
}

}  // namespace

absl::Status ConnectContainer(const NetworkParts& parts,
                              RequestContext& context) {
  ASSIGN_OR_RETURN(Parties parties, FindParties(parts, context));
  RETURN_IF_ERROR(CheckConnectable(parties));
  network::v1::ConnectNetworkRequest request;
  request.set_lease(parties.container.id());
  request.set_network(parties.network.id());
  *request.mutable_endpoint() = std::move(parties.body.endpoint);
  ASSIGN_OR_RETURN(const ContainerLocks::Lock lock,
                   parts.locks.Acquire(request.lease(),
                                       &context.client_gone()));
  RETURN_IF_ERROR(
      NameContainer(parts.peers.sandboxes.ConnectNetwork(request).status(),
                    parties.container.name()));
  return context.RespondEmpty(200);
}

absl::Status DisconnectContainer(const NetworkParts& parts,
                                 RequestContext& context) {
  ASSIGN_OR_RETURN(const Parties parties, FindParties(parts, context));
  if (parties.network.driver() == "host") {
    return DockerError(400,
                       "cannot disconnect container from host network - "
                       "container was created in host network mode");
  }
  network::v1::DisconnectNetworkRequest request;
  request.set_lease(parties.container.id());
  request.set_network(parties.network.id());
  request.set_force(parties.body.force);
  ASSIGN_OR_RETURN(const ContainerLocks::Lock lock,
                   parts.locks.Acquire(request.lease(),
                                       &context.client_gone()));
  RETURN_IF_ERROR(
      NameContainer(parts.peers.sandboxes.DisconnectNetwork(request).status(),
                    parties.container.id()));
  return context.RespondEmpty(200);
}

}  // namespace tug::gatewayd
