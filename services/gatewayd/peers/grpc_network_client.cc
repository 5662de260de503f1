// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "proto/tug/network/v1/network.grpc.pb.h"
#include "services/gatewayd/peers/grpc_call.h"
#include "services/gatewayd/peers/grpc_clients.h"

namespace tug::gatewayd {
namespace {

namespace v1 = network::v1;

class GrpcNetworkClient final : public NetworkClient {
 public:
  explicit GrpcNetworkClient(ChannelPtr channel) : stub_(std::move(channel)) {}

  absl::StatusOr<v1::Network> CreateNetwork(
      const v1::CreateNetworkRequest& request) override {
    return Call<v1::Network>(stub_, &Stub::CreateNetwork, request);
  }

  absl::StatusOr<v1::Network> GetNetwork(
      const v1::GetNetworkRequest& request) override {
    return Call<v1::Network>(stub_, &Stub::GetNetwork, request);
  }

  absl::StatusOr<v1::ListNetworksResponse> ListNetworks(
      const v1::ListNetworksRequest& request) override {
    return Call<v1::ListNetworksResponse>(stub_, &Stub::ListNetworks, request);
  }

  absl::Status RemoveNetwork(const v1::RemoveNetworkRequest& request) override {
    return Call<v1::RemoveNetworkResponse>(stub_, &Stub::RemoveNetwork, request)
        .status();
  }

  absl::StatusOr<v1::HostNetworking> GetHostNetworking() override {
    return Call<v1::HostNetworking>(stub_, &Stub::GetHostNetworking,
                                    v1::GetHostNetworkingRequest());
  }

 private:
  using Stub = v1::NetworkService::Stub;
  Stub stub_;
};

class GrpcSandboxClient final : public SandboxClient {
 public:
  explicit GrpcSandboxClient(ChannelPtr channel) : stub_(std::move(channel)) {}

  absl::StatusOr<v1::Sandbox> ReserveSandbox(
      const v1::ReserveSandboxRequest& request) override {
    return Call<v1::Sandbox>(stub_, &Stub::ReserveSandbox, request);
  }

  absl::StatusOr<v1::AttachSandboxResponse> AttachSandbox(
      const v1::AttachSandboxRequest& request) override {
    return Call<v1::AttachSandboxResponse>(stub_, &Stub::AttachSandbox,
                                           request);
  }

  absl::Status DetachSandbox(const v1::DetachSandboxRequest& request) override {
    return Call<v1::DetachSandboxResponse>(stub_, &Stub::DetachSandbox, request)
        .status();
  }

  absl::Status ReleaseSandbox(
      const v1::ReleaseSandboxRequest& request) override {
    return Call<v1::ReleaseSandboxResponse>(stub_, &Stub::ReleaseSandbox,
                                            request)
        .status();
  }

  absl::Status AdoptSandbox(const v1::AdoptSandboxRequest& request) override {
    return Call<v1::AdoptSandboxResponse>(stub_, &Stub::AdoptSandbox, request)
        .status();
  }

  absl::StatusOr<v1::Sandbox> GetSandbox(
      const v1::GetSandboxRequest& request) override {
    return Call<v1::Sandbox>(stub_, &Stub::GetSandbox, request);
  }

  absl::StatusOr<v1::ListSandboxesResponse> ListSandboxes(
      const v1::ListSandboxesRequest& request) override {
    return Call<v1::ListSandboxesResponse>(stub_, &Stub::ListSandboxes,
                                           request);
  }

  absl::StatusOr<v1::Sandbox> ConnectNetwork(
      const v1::ConnectNetworkRequest& request) override {
    return Call<v1::Sandbox>(stub_, &Stub::ConnectNetwork, request);
  }

  absl::StatusOr<v1::Sandbox> DisconnectNetwork(
      const v1::DisconnectNetworkRequest& request) override {
    return Call<v1::Sandbox>(stub_, &Stub::DisconnectNetwork, request);
  }

  absl::Status RemoveLink(const v1::RemoveLinkRequest& request) override {
    return Call<v1::Sandbox>(stub_, &Stub::RemoveLink, request).status();
  }

  absl::Status RenameSandbox(const v1::RenameSandboxRequest& request) override {
    return Call<v1::RenameSandboxResponse>(stub_, &Stub::RenameSandbox, request)
        .status();
  }

 private:
  using Stub = v1::SandboxService::Stub;
  Stub stub_;
};

}  // namespace

std::unique_ptr<NetworkClient> NewNetworkClient(ChannelPtr netd) {
  return std::make_unique<GrpcNetworkClient>(std::move(netd));
}

std::unique_ptr<SandboxClient> NewSandboxClient(ChannelPtr netd) {
  return std::make_unique<GrpcSandboxClient>(std::move(netd));
}

}  // namespace tug::gatewayd
