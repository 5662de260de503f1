// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/networks/membership.h"

#include <string>

#include "lib/base/status_macros.h"
#include "services/gatewayd/operations/connect_network.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/network_json.h"

namespace tug::gatewayd {
namespace {

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

// Containers join the host's network, or none, only when they are made. A
// missing container is told before anything about the network.
absl::Status CheckNetwork(const NetworkParts& parts, RequestContext& context,
                          const std::string& container, const char* if_host,
                          const char* if_none) {
  network::v1::GetNetworkRequest request;
  request.set_network(context.parameter());
  const auto network = parts.peers.networks.GetNetwork(request);
  const bool host = network.ok() && network->driver() == "host";
  const bool none =
      network.ok() && network->driver() == "null" && if_none != nullptr;
  if (network.ok() && !host && !none) return absl::OkStatus();
  context.subject = container;
  runtime::v1::GetContainerRequest get;
  get.set_reference(container);
  RETURN_IF_ERROR(parts.peers.containers.GetContainer(get).status());
  context.subject = context.parameter();
  if (!network.ok()) return network.status();
  return DockerError(400, host ? if_host : if_none);
}

}  // namespace

absl::Status ConnectContainer(const NetworkParts& parts,
                              RequestContext& context) {
  ASSIGN_OR_RETURN(const NetworkMembership membership, ReadBody(context));
  RETURN_IF_ERROR(CheckNetwork(
      parts, context, membership.container,
      "cannot connect container to host network - container must be created in "
      "host network mode",
      "container cannot be connected to multiple networks with one of the "
      "networks in private (none) mode"));
  RETURN_IF_ERROR(ConnectNetwork(parts.peers, parts.locks, membership.container,
                                 context.parameter(), membership.endpoint));
  return context.RespondEmpty(200);
}

absl::Status DisconnectContainer(const NetworkParts& parts,
                                 RequestContext& context) {
  ASSIGN_OR_RETURN(const NetworkMembership membership, ReadBody(context));
  RETURN_IF_ERROR(CheckNetwork(
      parts, context, membership.container,
      "cannot disconnect container from host network - container was created "
      "in host network mode",
      nullptr));
  RETURN_IF_ERROR(DisconnectNetwork(parts.peers, parts.locks,
                                    membership.container, context.parameter(),
                                    membership.force));
  return context.RespondEmpty(200);
}

}  // namespace tug::gatewayd
