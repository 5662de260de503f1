// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/rpc/byte_channel.h"
#include "proto/tug/registry/v1/registry.grpc.pb.h"
#include "services/registryd/client/registry_client.h"
#include "services/registryd/sessions/session_table.h"

namespace tug::registryd {

// Decodes, calls, encodes. Thread-safe.
class GrpcRegistryService final
    : public registry::v1::RegistryService::Service {
 public:
  GrpcRegistryService(SessionTable& sessions, RegistryClient& client,
                      rpc::TicketBooth& booth)
      : sessions_(sessions), client_(client), booth_(booth) {}

  grpc::Status OpenSession(
      grpc::ServerContext* context,
      const registry::v1::OpenSessionRequest* request,
      registry::v1::OpenSessionResponse* response) override;
  grpc::Status CloseSession(
      grpc::ServerContext* context,
      const registry::v1::CloseSessionRequest* request,
      registry::v1::CloseSessionResponse* response) override;
  grpc::Status CheckCredentials(
      grpc::ServerContext* context,
      const registry::v1::CheckCredentialsRequest* request,
      registry::v1::CheckCredentialsResponse* response) override;
  grpc::Status ResolveReference(
      grpc::ServerContext* context,
      const registry::v1::ResolveReferenceRequest* request,
      registry::v1::ResolveReferenceResponse* response) override;
  grpc::Status GetManifest(
      grpc::ServerContext* context,
      const registry::v1::GetManifestRequest* request,
      registry::v1::GetManifestResponse* response) override;
  grpc::Status ReadBlob(
      grpc::ServerContext* context,
      const registry::v1::ReadBlobRequest* request,
      grpc::ServerWriter<registry::v1::ReadBlobResponse>* writer) override;
  grpc::Status ListTags(grpc::ServerContext* context,
                        const registry::v1::ListTagsRequest* request,
                        registry::v1::ListTagsResponse* response) override;

 private:
  SessionTable& sessions_;
  RegistryClient& client_;
  rpc::TicketBooth& booth_;
};

}  // namespace tug::registryd
