// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "proto/tug/network/v1/network.grpc.pb.h"
#include "services/netd/firewall/firewall.h"
#include "services/netd/networks/network_owner.h"
#include "services/netd/sandboxes/sandbox_catalog.h"

namespace tug::netd {

// NetworkService over the catalog and the operations on it.
class GrpcNetworkService final : public network::v1::NetworkService::Service {
 public:
  GrpcNetworkService(NetworkOwner& owner, const SandboxCatalog& sandboxes,
                     const Firewall& firewall)
      : owner_(owner), sandboxes_(sandboxes), firewall_(firewall) {}

  grpc::Status CreateNetwork(grpc::ServerContext* context,
                             const network::v1::CreateNetworkRequest* request,
                             network::v1::Network* response) override;
  grpc::Status GetNetwork(grpc::ServerContext* context,
                          const network::v1::GetNetworkRequest* request,
                          network::v1::Network* response) override;
  grpc::Status ListNetworks(
      grpc::ServerContext* context,
      const network::v1::ListNetworksRequest* request,
      network::v1::ListNetworksResponse* response) override;
  grpc::Status RemoveNetwork(
      grpc::ServerContext* context,
      const network::v1::RemoveNetworkRequest* request,
      network::v1::RemoveNetworkResponse* response) override;
  grpc::Status GetHostNetworking(
      grpc::ServerContext* context,
      const network::v1::GetHostNetworkingRequest* request,
      network::v1::HostNetworking* response) override;

 private:
  NetworkOwner& owner_;
  const SandboxCatalog& sandboxes_;
  const Firewall& firewall_;
};

}  // namespace tug::netd
