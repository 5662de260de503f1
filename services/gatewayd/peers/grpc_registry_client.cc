// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "proto/tug/registry/v1/registry.grpc.pb.h"
#include "services/gatewayd/peers/grpc_call.h"
#include "services/gatewayd/peers/grpc_clients.h"

namespace tug::gatewayd {
namespace {

// For calls that wait for a registry.
constexpr absl::Duration kRegistryCall = absl::Minutes(2);

namespace v1 = registry::v1;

class GrpcRegistryClient final : public RegistryClient {
 public:
  explicit GrpcRegistryClient(ChannelPtr channel) : stub_(std::move(channel)) {}

  absl::StatusOr<v1::OpenSessionResponse> OpenSession(
      const v1::OpenSessionRequest& request) override {
    return Call<v1::OpenSessionResponse>(stub_, &Stub::OpenSession, request);
  }

  absl::Status CloseSession(const v1::CloseSessionRequest& request) override {
    return Call<v1::CloseSessionResponse>(stub_, &Stub::CloseSession, request)
        .status();
  }

  absl::StatusOr<v1::CheckCredentialsResponse> CheckCredentials(
      const v1::CheckCredentialsRequest& request) override {
    return Call<v1::CheckCredentialsResponse>(stub_, &Stub::CheckCredentials,
                                              request, kRegistryCall);
  }

  absl::StatusOr<v1::ResolveReferenceResponse> ResolveReference(
      const v1::ResolveReferenceRequest& request) override {
    return Call<v1::ResolveReferenceResponse>(stub_, &Stub::ResolveReference,
                                              request, kRegistryCall);
  }

  absl::StatusOr<v1::GetManifestResponse> GetManifest(
      const v1::GetManifestRequest& request) override {
    return Call<v1::GetManifestResponse>(stub_, &Stub::GetManifest, request,
                                         kRegistryCall);
  }

  absl::Status ReadBlob(
      const v1::ReadBlobRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const v1::ReadBlobResponse&)> on_message)
      override {
    return CallStream<v1::ReadBlobResponse>(stub_, &Stub::ReadBlob, request,
                                            cancellation, on_message);
  }

  absl::StatusOr<v1::ListTagsResponse> ListTags(
      const v1::ListTagsRequest& request) override {
    return Call<v1::ListTagsResponse>(stub_, &Stub::ListTags, request,
                                      kRegistryCall);
  }

 private:
  using Stub = v1::RegistryService::Stub;
  Stub stub_;
};

}  // namespace

std::unique_ptr<RegistryClient> NewRegistryClient(ChannelPtr registryd) {
  return std::make_unique<GrpcRegistryClient>(std::move(registryd));
}

}  // namespace tug::gatewayd
