// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/connect_network.h"

#include "absl/strings/str_cat.h"
#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/operations/named_error.h"
#include "services/gatewayd/operations/sandbox_settings.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {
namespace {

absl::StatusOr<runtime::v1::Container> Find(const Peers& peers,
                                            const std::string& reference) {
  runtime::v1::GetContainerRequest request;
  request.set_reference(reference);
  auto container = peers.containers.GetContainer(request);
  if (!container.ok()) return NamedError(container.status(), reference);
  if (!ContainerOfMode(container->host_config().network_mode()).empty()) {
    return DockerError(400,
                       "container sharing network namespace with another "
                       "container or host cannot be connected to any other "
                       "network");
  }
  return container;
}

absl::Status Explain(absl::Status status, const std::string& name,
                     const std::string& network) {
  if (status.ok()) return status;
  return NamedError(WithMetadata(std::move(status), "container", name),
                    network);
}

}  // namespace

absl::Status ConnectNetwork(const Peers& peers, ContainerLocks& locks,
                            const std::string& container,
                            const std::string& network,
                            const network::v1::Endpoint& endpoint) {
  ASSIGN_OR_RETURN(const runtime::v1::Container found, Find(peers, container));
  const ContainerLocks::Lock lock = locks.Acquire(found.id());
  network::v1::ConnectNetworkRequest request;
  request.set_lease(found.id());
  request.set_network(network);
  *request.mutable_endpoint() = endpoint;
  return Explain(peers.sandboxes.ConnectNetwork(request).status(), found.name(),
                 network);
}

absl::Status DisconnectNetwork(const Peers& peers, ContainerLocks& locks,
                               const std::string& container,
                               const std::string& network, bool force) {
  const auto found = Find(peers, container);
  if (!found.ok() && !(force && IsId(container))) return found.status();
  const std::string id = found.ok() ? found->id() : container;
  const ContainerLocks::Lock lock = locks.Acquire(id);
  network::v1::DisconnectNetworkRequest request;
  request.set_lease(id);
  request.set_network(network);
  request.set_force(force);
  return Explain(peers.sandboxes.DisconnectNetwork(request).status(),
                 found.ok() ? found->name() : id, network);
}

}  // namespace tug::gatewayd
