// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/base/clock.h"
#include "lib/oci/digest.h"
#include "lib/oci/reference.h"
#include "services/registryd/client/authorized_exchange.h"
#include "services/registryd/client/blob_sink.h"

namespace tug::registryd {

// Most bytes of a manifest, and of a list of tags.
inline constexpr size_t kMaxManifestBytes = 4 * 1024 * 1024;
inline constexpr size_t kMaxTagListBytes = 4 * 1024 * 1024;

struct ManifestDescriptor {
  std::string media_type;
  oci::Digest digest;
  int64_t size = 0;
};

struct Manifest {
  std::string media_type;
  std::string content;
};

struct TagPage {
  std::vector<std::string> tags;
  std::string next;  // Last tag of a page that is not the end; else empty.
};

// The read side of OCI distribution v1.1, over mirrors and retries.
//
// Thread-safe; each call blocks its own thread until it ends or `cancelled`
// answers true (polled about once a second).
class RegistryClient {
 public:
  using Cancelled = std::function<bool()>;

  RegistryClient(const RegistryPolicy& policy, Clock& clock);

  // Turns tag or digest into a descriptor.
  absl::StatusOr<ManifestDescriptor> Resolve(Identity& identity,
                                             const oci::Reference& reference,
                                             const Cancelled& cancelled);

  // DATA_LOSS (DIGEST_MISMATCH) if no endpoint answers the right bytes.
  absl::StatusOr<Manifest> FetchManifest(Identity& identity,
                                         const oci::Reference& repository,
                                         const oci::Digest& digest,
                                         const Cancelled& cancelled);

  // Streams a blob into `sink`, resuming after breaks.
  absl::Status FetchBlob(Identity& identity, const BlobRequest& request,
                         BlobSink& sink, const Cancelled& cancelled);

  // Tags after `last`, at most `count`.
  absl::StatusOr<TagPage> ListTags(Identity& identity,
                                   const oci::Reference& repository, int count,
                                   const std::string& last,
                                   const Cancelled& cancelled);

  // Answers a refresh token, if the registry gives one.
  absl::StatusOr<std::string> Login(Identity& identity, const Host& host,
                                    const Cancelled& cancelled);

 private:
  struct Asked;
  // Asks the endpoints in turn, each with retries, until one succeeds.
  absl::StatusOr<HttpResult> Ask(Identity& identity, const Asked& asked);
  absl::StatusOr<HttpResult> AskEndpoint(const Endpoint& endpoint,
                                         Identity& identity, const Asked& asked,
                                         std::string* refresh_token);
  Identity& IdentityFor(const Endpoint& endpoint, Identity& identity);
  bool RepositoryExists(Identity& identity, const oci::Reference& repository,
                        const Cancelled& cancelled);
  absl::StatusOr<ManifestDescriptor> ResolveByBody(
      Identity& identity, const oci::Reference& reference,
      const Cancelled& cancelled);

  const RegistryPolicy& policy_;
  HttpExchange http_;
  AuthorizedExchange exchange_;
  // Asks mirrors, which must not see a registry's credentials.
  Identity anonymous_;
};

}  // namespace tug::registryd
