// SPDX-License-Identifier: Apache-2.0
#include "services/netd/grpc/grpc_network_service.h"

#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lib/rpc/page.h"
#include "lib/rpc/status_conversion.h"
#include "services/netd/firewall/forward_policy.h"
#include "services/netd/forwarding/host_forwarding.h"
#include "services/netd/grpc/error_domain.h"
#include "services/netd/networks/create_network.h"
#include "services/netd/networks/remove_network.h"

namespace tug::netd {
namespace {

using network::v1::Network;

void AddLeases(
    const std::map<std::string, std::vector<std::string>>& by_network,
    Network& network) {
  const auto leases = by_network.find(network.id());
  if (leases == by_network.end()) return;
  network.mutable_leases()->Assign(leases->second.begin(),
                                   leases->second.end());
}

// The endpoints and leases of tens of thousands of containers.
void Shorten(Network& network) {
  network.clear_endpoints();
  network.clear_leases();
}

}  // namespace

grpc::Status GrpcNetworkService::CreateNetwork(
    grpc::ServerContext*, const network::v1::CreateNetworkRequest* request,
    Network* response) {
  absl::StatusOr<Network> network = netd::CreateNetwork(owner_, *request);
  if (!network.ok()) return rpc::ToGrpc(network.status(), kErrorDomain);
  *response = *std::move(network);
  return grpc::Status::OK;
}

grpc::Status GrpcNetworkService::GetNetwork(
    grpc::ServerContext*, const network::v1::GetNetworkRequest* request,
    Network* response) {
  absl::StatusOr<Network> network = owner_.catalog.Find(request->network());
  if (!network.ok()) return rpc::ToGrpc(network.status(), kErrorDomain);
  *response = *std::move(network);
  AddLeases(sandboxes_.LeasesByNetwork(), *response);
  return grpc::Status::OK;
}

grpc::Status GrpcNetworkService::ListNetworks(
    grpc::ServerContext*, const network::v1::ListNetworksRequest* request,
    network::v1::ListNetworksResponse* response) {
  auto page = rpc::OpenPage(*request, response->mutable_networks(),
                            response->mutable_next_page_token());
  if (!page.ok()) return rpc::ToGrpc(page.status(), kErrorDomain);
  const auto leases = sandboxes_.LeasesByNetwork();
  for (Network& network : owner_.catalog.List()) {
    if (!page->after().empty() && network.name() <= page->after()) continue;
    AddLeases(leases, network);
    const std::string name = network.name();
    if (!page->Add(name, std::move(network), Shorten)) break;
  }
  return grpc::Status::OK;
}

grpc::Status GrpcNetworkService::RemoveNetwork(
    grpc::ServerContext*, const network::v1::RemoveNetworkRequest* request,
    network::v1::RemoveNetworkResponse*) {
  return rpc::ToGrpc(netd::RemoveNetwork(owner_, request->network()),
                     kErrorDomain);
}

grpc::Status GrpcNetworkService::GetHostNetworking(
    grpc::ServerContext*, const network::v1::GetHostNetworkingRequest*,
    network::v1::HostNetworking* response) {
  const auto drops = FindForwardDrops(firewall_.table());
  if (!drops.ok()) return rpc::ToGrpc(drops.status(), kErrorDomain);
  response->mutable_forward_drops()->Assign(drops->begin(), drops->end());
  const auto v4 = IsForwarding(AF_INET);
  const auto v6 = IsForwarding(AF_INET6);
  // A host without a family does not forward it.
  response->set_ipv4_forwarding(v4.ok() && *v4);
  response->set_ipv6_forwarding(v6.ok() && *v6);
  return grpc::Status::OK;
}

}  // namespace tug::netd
