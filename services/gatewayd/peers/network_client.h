// SPDX-License-Identifier: Apache-2.0
//
// The network service as the gateway sees it: one method an RPC; errors,
// reasons and metadata are those of the proto. Every method blocks, and is
// thread-safe.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/tug/network/v1/network.pb.h"

namespace tug::gatewayd {

// Networks; see NetworkService.
class NetworkClient {
 public:
  virtual ~NetworkClient() = default;

  virtual absl::StatusOr<network::v1::Network> CreateNetwork(
      const network::v1::CreateNetworkRequest& request) = 0;
  virtual absl::StatusOr<network::v1::Network> GetNetwork(
      const network::v1::GetNetworkRequest& request) = 0;
  virtual absl::StatusOr<network::v1::ListNetworksResponse> ListNetworks(
      const network::v1::ListNetworksRequest& request) = 0;
  virtual absl::Status RemoveNetwork(
      const network::v1::RemoveNetworkRequest& request) = 0;
  virtual absl::StatusOr<network::v1::HostNetworking> GetHostNetworking() = 0;
};

// Containers on networks; see SandboxService.
class SandboxClient {
 public:
  virtual ~SandboxClient() = default;

  virtual absl::StatusOr<network::v1::Sandbox> ReserveSandbox(
      const network::v1::ReserveSandboxRequest& request) = 0;
  virtual absl::StatusOr<network::v1::AttachSandboxResponse> AttachSandbox(
      const network::v1::AttachSandboxRequest& request) = 0;
  virtual absl::Status DetachSandbox(
      const network::v1::DetachSandboxRequest& request) = 0;
  virtual absl::Status ReleaseSandbox(
      const network::v1::ReleaseSandboxRequest& request) = 0;
  virtual absl::Status AdoptSandbox(
      const network::v1::AdoptSandboxRequest& request) = 0;
  virtual absl::StatusOr<network::v1::Sandbox> GetSandbox(
      const network::v1::GetSandboxRequest& request) = 0;
  virtual absl::StatusOr<network::v1::ListSandboxesResponse> ListSandboxes(
      const network::v1::ListSandboxesRequest& request) = 0;
  virtual absl::StatusOr<network::v1::Sandbox> ConnectNetwork(
      const network::v1::ConnectNetworkRequest& request) = 0;
  virtual absl::StatusOr<network::v1::Sandbox> DisconnectNetwork(
      const network::v1::DisconnectNetworkRequest& request) = 0;
  virtual absl::Status RemoveLink(
      const network::v1::RemoveLinkRequest& request) = 0;
  virtual absl::Status RenameSandbox(
      const network::v1::RenameSandboxRequest& request) = 0;
};

}  // namespace tug::gatewayd
