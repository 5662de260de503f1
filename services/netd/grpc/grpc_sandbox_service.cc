// SPDX-License-Identifier: Apache-2.0
#include "services/netd/grpc/grpc_sandbox_service.h"

#include <string>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/rpc/page.h"
#include "lib/rpc/status_conversion.h"
#include "services/netd/grpc/error_domain.h"
#include "services/netd/sandboxes/adopt_sandbox.h"
#include "services/netd/sandboxes/attach_sandbox.h"
#include "services/netd/sandboxes/connect_network.h"
#include "services/netd/sandboxes/detach_sandbox.h"
#include "services/netd/sandboxes/remove_link.h"
#include "services/netd/sandboxes/reserve_sandbox.h"

namespace tug::netd {
namespace {

using network::v1::Sandbox;

// What the containers' owners size; a list needs lease, mode and state.
void Shorten(Sandbox& sandbox) {
  sandbox.clear_endpoints();
  sandbox.clear_requested_ports();
  sandbox.clear_ports();
  sandbox.clear_exposed_ports();
  sandbox.clear_dns();
  sandbox.clear_extra_hosts();
  sandbox.clear_links();
}

grpc::Status Done(const absl::Status& status) {
  return rpc::ToGrpc(status, kErrorDomain);
}

grpc::Status Done(absl::StatusOr<Sandbox> sandbox, Sandbox* response) {
  if (!sandbox.ok()) return Done(sandbox.status());
  *response = *std::move(sandbox);
  return grpc::Status::OK;
}

absl::Status Attach(SandboxOwner& owner, rpc::TicketBooth& booth,
                    const std::string& lease,
                    network::v1::AttachSandboxResponse& response) {
  ASSIGN_OR_RETURN(AttachedSandbox attached, AttachSandbox(owner, lease));
  if (attached.ns.valid()) {
    ASSIGN_OR_RETURN(*response.mutable_network_namespace(),
                     booth.IssueDescriptor(std::move(attached.ns),
                                           /*is_stream=*/false));
  }
  response.mutable_sysctls()->insert(attached.sysctls.begin(),
                                     attached.sysctls.end());
  *response.mutable_sandbox() = std::move(attached.sandbox);
  return absl::OkStatus();
}

}  // namespace

grpc::Status GrpcSandboxService::ReserveSandbox(
    grpc::ServerContext*, const network::v1::ReserveSandboxRequest* request,
    Sandbox* response) {
  return Done(netd::ReserveSandbox(owner_, *request), response);
}

grpc::Status GrpcSandboxService::AttachSandbox(
    grpc::ServerContext*, const network::v1::AttachSandboxRequest* request,
    network::v1::AttachSandboxResponse* response) {
  return Done(Attach(owner_, booth_, request->lease(), *response));
}

grpc::Status GrpcSandboxService::DetachSandbox(
    grpc::ServerContext*, const network::v1::DetachSandboxRequest* request,
    network::v1::DetachSandboxResponse*) {
  return Done(netd::DetachSandbox(owner_, request->lease()));
}

grpc::Status GrpcSandboxService::ReleaseSandbox(
    grpc::ServerContext*, const network::v1::ReleaseSandboxRequest* request,
    network::v1::ReleaseSandboxResponse*) {
  return Done(netd::ReleaseSandbox(owner_, request->lease()));
}

grpc::Status GrpcSandboxService::AdoptSandbox(
    grpc::ServerContext*, const network::v1::AdoptSandboxRequest* request,
    network::v1::AdoptSandboxResponse*) {
  if (!request->has_network_namespace()) {
    return Done(netd::AdoptSandbox(owner_, request->lease(), UniqueFd()));
  }
  absl::StatusOr<UniqueFd> ns =
      rpc::RedeemTicket(request->network_namespace(), issuers_);
  if (!ns.ok()) return Done(ns.status());
  return Done(netd::AdoptSandbox(owner_, request->lease(), *std::move(ns)));
}

grpc::Status GrpcSandboxService::GetSandbox(
    grpc::ServerContext*, const network::v1::GetSandboxRequest* request,
    Sandbox* response) {
  return Done(owner_.catalog.Find(request->lease()), response);
}

grpc::Status GrpcSandboxService::ListSandboxes(
    grpc::ServerContext*, const network::v1::ListSandboxesRequest* request,
    network::v1::ListSandboxesResponse* response) {
  auto page = rpc::OpenPage(*request, response->mutable_sandboxes(),
                            response->mutable_next_page_token());
  if (!page.ok()) return Done(page.status());
  owner_.catalog.List(page->after(), [&](const Sandbox& sandbox) {
    return page->Add(sandbox.lease(), sandbox, Shorten);
  });
  return grpc::Status::OK;
}

grpc::Status GrpcSandboxService::ConnectNetwork(
    grpc::ServerContext*, const network::v1::ConnectNetworkRequest* request,
    Sandbox* response) {
  return Done(netd::ConnectNetwork(owner_, *request), response);
}

grpc::Status GrpcSandboxService::DisconnectNetwork(
    grpc::ServerContext*, const network::v1::DisconnectNetworkRequest* request,
    Sandbox* response) {
  return Done(netd::DisconnectNetwork(owner_, *request), response);
}

grpc::Status GrpcSandboxService::RemoveLink(
    grpc::ServerContext*, const network::v1::RemoveLinkRequest* request,
    Sandbox* response) {
  return Done(netd::RemoveLink(owner_, request->lease(), request->alias()),
              response);
}

grpc::Status GrpcSandboxService::RenameSandbox(
    grpc::ServerContext*, const network::v1::RenameSandboxRequest* request,
    network::v1::RenameSandboxResponse*) {
  return Done(netd::RenameSandbox(owner_, request->lease(), request->name()));
}

}  // namespace tug::netd
