// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "lib/rpc/byte_channel.h"
#include "proto/tug/network/v1/network.grpc.pb.h"
#include "services/netd/sandboxes/sandbox_owner.h"

namespace tug::netd {

// SandboxService over the operations on sandboxes. Namespaces travel beside
// gRPC, by ticket.
class GrpcSandboxService final : public network::v1::SandboxService::Service {
 public:
  // `issuers`: whose tickets for namespaces are taken.
  GrpcSandboxService(SandboxOwner& owner, rpc::TicketBooth& booth,
                     rpc::TicketIssuers issuers)
      : owner_(owner), booth_(booth), issuers_(std::move(issuers)) {}

  grpc::Status ReserveSandbox(grpc::ServerContext* context,
                              const network::v1::ReserveSandboxRequest* request,
                              network::v1::Sandbox* response) override;
  grpc::Status AttachSandbox(
      grpc::ServerContext* context,
      const network::v1::AttachSandboxRequest* request,
      network::v1::AttachSandboxResponse* response) override;
  grpc::Status DetachSandbox(
      grpc::ServerContext* context,
      const network::v1::DetachSandboxRequest* request,
      network::v1::DetachSandboxResponse* response) override;
  grpc::Status ReleaseSandbox(
      grpc::ServerContext* context,
      const network::v1::ReleaseSandboxRequest* request,
      network::v1::ReleaseSandboxResponse* response) override;
  grpc::Status AdoptSandbox(
      grpc::ServerContext* context,
      const network::v1::AdoptSandboxRequest* request,
      network::v1::AdoptSandboxResponse* response) override;
  grpc::Status GetSandbox(grpc::ServerContext* context,
                          const network::v1::GetSandboxRequest* request,
                          network::v1::Sandbox* response) override;
  grpc::Status ListSandboxes(
      grpc::ServerContext* context,
      const network::v1::ListSandboxesRequest* request,
      network::v1::ListSandboxesResponse* response) override;
  grpc::Status ConnectNetwork(grpc::ServerContext* context,
                              const network::v1::ConnectNetworkRequest* request,
                              network::v1::Sandbox* response) override;
  grpc::Status DisconnectNetwork(
      grpc::ServerContext* context,
      const network::v1::DisconnectNetworkRequest* request,
      network::v1::Sandbox* response) override;
  grpc::Status RemoveLink(grpc::ServerContext* context,
                          const network::v1::RemoveLinkRequest* request,
                          network::v1::Sandbox* response) override;
  grpc::Status RenameSandbox(
      grpc::ServerContext* context,
      const network::v1::RenameSandboxRequest* request,
      network::v1::RenameSandboxResponse* response) override;

 private:
  SandboxOwner& owner_;
  rpc::TicketBooth& booth_;
  const rpc::TicketIssuers issuers_;
};

}  // namespace tug::netd
