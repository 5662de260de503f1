// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/registry_client.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/registryd/client/asked.h"
#include "services/registryd/client/blob_transfer.h"
#include "services/registryd/client/retry.h"

namespace tug::registryd {
namespace {

// Every kind of manifest that images come in; a registry converts to nothing
// else.
constexpr const char* kManifestTypes[] = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "*/*",
};

void AcceptManifests(HttpRequest& request) {
  for (const char* type : kManifestTypes) {
    request.headers.emplace_back("Accept", type);
  }
}

std::string ManifestPath(const oci::Reference& reference,
                         const std::string& what) {
  return absl::StrCat("/v2/", reference.path, "/manifests/", what);
}

absl::Status Mismatch(const oci::Reference& repository,
                      const oci::Digest& wanted, const oci::Digest& got) {
  return WithMetadata(WithReason(absl::DataLossError(absl::StrCat(
                                     "manifest ", repository.Repository(), "@",
                                     wanted.ToString(),
                                     ": the registry sent content with "
                                     "digest ",
                                     got.ToString())),
                                 "DIGEST_MISMATCH"),
                      "host", repository.domain);
}

}  // namespace

RegistryClient::RegistryClient(const RegistryPolicy& policy, Clock& clock)
    : policy_(policy),
      exchange_(http_, policy, clock),
      anonymous_("", Credentials(), {}) {}

Identity& RegistryClient::IdentityFor(const Endpoint& endpoint,
                                      Identity& identity) {
  return endpoint.mirror ? anonymous_ : identity;
}

absl::StatusOr<HttpResult> RegistryClient::AskEndpoint(
    const Endpoint& endpoint, Identity& identity, const Asked& asked,
    std::string* refresh_token) {
  Identity& who = IdentityFor(endpoint, identity);
  Retry retry(asked.request.cancelled);
  while (true) {
    AuthorizedExchange::Sent sent = exchange_.Send(
        endpoint, who, asked.path, asked.scope, asked.request, asked.login);
    if (sent.http.success()) {
      if (refresh_token != nullptr) *refresh_token = sent.refresh_token;
      return std::move(sent.http);
    }
    if (!retry.Again(sent.http)) {
      return RegistryError(sent.http, asked.question, sent.proof,
                           !who.credentials().anonymous());
    }
  }
}

absl::StatusOr<HttpResult> RegistryClient::Ask(Identity& identity,
                                               const Asked& asked) {
  ASSIGN_OR_RETURN(const Host host, ParseHost(asked.question.host));
  absl::StatusOr<HttpResult> result = absl::InternalError("no endpoint");
  for (const Endpoint& endpoint : policy_.EndpointsFor(host)) {
    result = AskEndpoint(endpoint, identity, asked, nullptr);
    if (result.ok() || absl::IsCancelled(result.status())) break;
  }
  return result;
}

absl::StatusOr<ManifestDescriptor> RegistryClient::Resolve(
    Identity& identity, const oci::Reference& reference,
    const Cancelled& cancelled) {
  const std::string what =
      reference.digest.empty() ? reference.tag : reference.digest.ToString();
  Asked asked(reference, what, Question::Noun::kManifest, cancelled);
  asked.path = ManifestPath(reference, what);
  asked.request.method = "HEAD";
  AcceptManifests(asked.request);
  const absl::StatusOr<HttpResult> head = Ask(identity, asked);
  if (!head.ok()) {
    // Only a GET tells why: answers to HEAD have no body.
    const std::string reason = StatusReason(head.status());
    if (reason != "MANIFEST_UNKNOWN" && reason != "REGISTRY_ERROR") {
      return head.status();
    }
    return ResolveByBody(identity, reference, cancelled);
  }
  ManifestDescriptor descriptor;
  descriptor.media_type = head->Header("content-type");
  const auto digest = oci::Digest::Parse(head->Header("docker-content-digest"));
  if (!digest.ok() || descriptor.media_type.empty() ||
      !absl::SimpleAtoi(head->Header("content-length"), &descriptor.size) ||
      (!reference.digest.empty() && !(*digest == reference.digest))) {
    return ResolveByBody(identity, reference, cancelled);
  }
  descriptor.digest = *digest;
  return descriptor;
}

absl::StatusOr<ManifestDescriptor> RegistryClient::ResolveByBody(
    Identity& identity, const oci::Reference& reference,
    const Cancelled& cancelled) {
  const std::string what =
      reference.digest.empty() ? reference.tag : reference.digest.ToString();
  Asked asked(reference, what, Question::Noun::kManifest, cancelled);
  asked.path = ManifestPath(reference, what);
  asked.request.max_body = kMaxManifestBytes;
  AcceptManifests(asked.request);
  const absl::StatusOr<HttpResult> got = Ask(identity, asked);
  if (!got.ok()) {
    if (StatusReason(got.status()) == "MANIFEST_UNKNOWN" &&
        !RepositoryExists(identity, reference, cancelled)) {
      return asked.RepositoryUnknown();
    }
    return got.status();
  }
  ManifestDescriptor descriptor;
  descriptor.media_type = got->Header("content-type");
  descriptor.digest = oci::Digest::Of(got->body);
  descriptor.size = static_cast<int64_t>(got->body.size());
  if (!reference.digest.empty() && !(descriptor.digest == reference.digest)) {
    return Mismatch(reference, reference.digest, descriptor.digest);
  }
  return descriptor;
}

// Debian's docker-registry says MANIFEST_UNKNOWN for both; people want to know
// whether the name or the tag is wrong. In doubt it exists.
bool RegistryClient::RepositoryExists(Identity& identity,
                                      const oci::Reference& repository,
                                      const Cancelled& cancelled) {
  const auto page = ListTags(identity, repository, 1, "", cancelled);
  return page.ok() || StatusReason(page.status()) != "REPOSITORY_UNKNOWN";
}

absl::StatusOr<Manifest> RegistryClient::FetchManifest(
    Identity& identity, const oci::Reference& repository,
    const oci::Digest& digest, const Cancelled& cancelled) {
  ASSIGN_OR_RETURN(const Host host, ParseHost(repository.domain));
  Asked asked(repository, digest.ToString(), Question::Noun::kManifest,
              cancelled);
  asked.path = ManifestPath(repository, digest.ToString());
  asked.request.max_body = kMaxManifestBytes;
  AcceptManifests(asked.request);
  absl::Status failure;
  for (const Endpoint& endpoint : policy_.EndpointsFor(host)) {
    auto got = AskEndpoint(endpoint, identity, asked, nullptr);
    if (!got.ok()) {
      failure = got.status();
      if (absl::IsCancelled(failure)) break;
      continue;
    }
    const oci::Digest actual = oci::Digest::Of(got->body);
    if (actual == digest) {
      return Manifest{got->Header("content-type"), std::move(got->body)};
    }
    failure = Mismatch(repository, digest, actual);
  }
  return failure;
}

absl::Status RegistryClient::FetchBlob(Identity& identity,
                                       const BlobRequest& request,
                                       BlobSink& sink,
                                       const Cancelled& cancelled) {
  ASSIGN_OR_RETURN(const Host host, ParseHost(request.repository.domain));
  Asked asked(request.repository, request.digest.ToString(),
              Question::Noun::kBlob, cancelled);
  asked.path = absl::StrCat("/v2/", request.repository.path, "/blobs/",
                            request.digest.ToString());
  if (request.size > 0 && request.offset == request.size) {
    return sink.OnStart(request.size);  // No registry has a range for nothing.
  }
  BlobTransfer transfer(request, sink);
  absl::Status failure;
  for (const Endpoint& endpoint : policy_.EndpointsFor(host)) {
    Identity& who = IdentityFor(endpoint, identity);
    Retry retry(cancelled);
    while (true) {
      HttpRequest http = asked.request;
      transfer.Prepare(http);
      AuthorizedExchange::Sent sent = exchange_.Send(
          endpoint, who, asked.path, asked.scope, std::move(http));
      if (transfer.complete(sent.http)) return absl::OkStatus();
      failure = RegistryError(sent.http, asked.question, sent.proof,
                              !who.credentials().anonymous());
      if (transfer.TakeProgress()) {
        retry.Progressed();
        // Once data has flowed, a refused connection is a restart.
        if (sent.http.failure == Failure::kConnect) {
          sent.http.failure = Failure::kBroken;
        }
      }
      if (transfer.sink_failed() || !retry.Again(sent.http)) break;
    }
    if (transfer.sink_failed() || absl::IsCancelled(failure)) break;
  }
  return failure;
}

absl::StatusOr<std::string> RegistryClient::Login(Identity& identity,
                                                  const Host& host,
                                                  const Cancelled& cancelled) {
  Asked asked(host.text, cancelled);
  std::string refresh_token;
  RETURN_IF_ERROR(AskEndpoint(policy_.PrimaryEndpoint(host), identity, asked,
                              &refresh_token)
                      .status());
  return refresh_token;
}

}  // namespace tug::registryd
