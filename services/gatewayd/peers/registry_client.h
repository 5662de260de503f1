// SPDX-License-Identifier: Apache-2.0
//
// The registry service as the gateway sees it: one method an RPC; errors,
// reasons and metadata are those of the proto. Every method blocks, and is
// thread-safe.
//
// A streaming method hands each message to `on_message` on the calling thread,
// which may end the call by an error that becomes the answer. `cancellation`
// may be null; once cancelled the answer is CANCELLED.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/tug/registry/v1/registry.pb.h"
#include "services/gatewayd/server/cancellation.h"

namespace tug::gatewayd {

// Registries; see RegistryService.
class RegistryClient {
 public:
  virtual ~RegistryClient() = default;

  virtual absl::StatusOr<registry::v1::OpenSessionResponse> OpenSession(
      const registry::v1::OpenSessionRequest& request) = 0;
  virtual absl::Status CloseSession(
      const registry::v1::CloseSessionRequest& request) = 0;
  virtual absl::StatusOr<registry::v1::CheckCredentialsResponse>
  CheckCredentials(const registry::v1::CheckCredentialsRequest& request) = 0;
  virtual absl::StatusOr<registry::v1::ResolveReferenceResponse>
  ResolveReference(const registry::v1::ResolveReferenceRequest& request) = 0;
  virtual absl::StatusOr<registry::v1::GetManifestResponse> GetManifest(
      const registry::v1::GetManifestRequest& request) = 0;
  virtual absl::Status ReadBlob(
      const registry::v1::ReadBlobRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const registry::v1::ReadBlobResponse&)>
          on_message) = 0;
  virtual absl::StatusOr<registry::v1::ListTagsResponse> ListTags(
      const registry::v1::ListTagsRequest& request) = 0;
};

}  // namespace tug::gatewayd
