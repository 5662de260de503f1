// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/grpc/grpc_registry_service.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/rpc/status_conversion.h"
#include "services/registryd/grpc/socket_sink.h"

namespace tug::registryd {
namespace {

constexpr char kDomain[] = "registryd.tug";
constexpr int kDefaultTags = 1000;
constexpr int kMaxTags = 10000;

grpc::Status Answer(const absl::Status& status) {
  return rpc::ToGrpc(status, kDomain);
}

RegistryClient::Cancelled CancelledBy(grpc::ServerContext* context) {
  return [context] { return context->IsCancelled(); };
}

Credentials FromProto(const registry::v1::Credentials& credentials) {
  return {credentials.username(), credentials.password(),
          credentials.identity_token(), credentials.registry_token()};
}

// A session's credentials are for its host; asking another with it would leak
// them.
absl::StatusOr<oci::Reference> ParseFor(const Identity& identity,
                                        const std::string& text) {
  ASSIGN_OR_RETURN(oci::Reference reference, oci::ParseReference(text));
  if (reference.domain != identity.host()) {
    return WithReason(absl::InvalidArgumentError(
                          absl::StrCat(text, " is not at ", identity.host(),
                                       ", for which the session was opened")),
                      "REFERENCE_INVALID");
  }
  return reference;
}

absl::StatusOr<oci::Digest> ParseDigest(const std::string& text) {
  const auto digest = oci::Digest::Parse(text);
  if (!digest.ok()) return WithReason(digest.status(), "REFERENCE_INVALID");
  return digest;
}

absl::StatusOr<BlobRequest> ParseBlobRequest(
    const Identity& identity, const registry::v1::ReadBlobRequest& request) {
  BlobRequest blob;
  ASSIGN_OR_RETURN(blob.repository, ParseFor(identity, request.repository()));
  ASSIGN_OR_RETURN(blob.digest, ParseDigest(request.digest()));
  blob.offset = request.offset();
  blob.size = request.size();
  if (blob.offset < 0 || blob.size < 0 ||
      (blob.size > 0 && blob.offset > blob.size)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "offset ", blob.offset, " is not within ", blob.size, " bytes"));
  }
  return blob;
}

}  // namespace

grpc::Status GrpcRegistryService::OpenSession(
    grpc::ServerContext* context,
    const registry::v1::OpenSessionRequest* request,
    registry::v1::OpenSessionResponse* response) {
  std::map<std::string, std::string> headers(request->headers().begin(),
                                             request->headers().end());
  const auto session = sessions_.Open(
      request->host(), FromProto(request->credentials()), std::move(headers));
  if (!session.ok()) return Answer(session.status());
  response->set_session(*session);
  return grpc::Status::OK;
}

grpc::Status GrpcRegistryService::CloseSession(
    grpc::ServerContext* context,
    const registry::v1::CloseSessionRequest* request,
    registry::v1::CloseSessionResponse* response) {
  sessions_.Close(request->session());
  return grpc::Status::OK;
}

grpc::Status GrpcRegistryService::CheckCredentials(
    grpc::ServerContext* context,
    const registry::v1::CheckCredentialsRequest* request,
    registry::v1::CheckCredentialsResponse* response) {
  // A session of one call: the same checks of host and secrets.
  const auto session =
      sessions_.Open(request->host(), FromProto(request->credentials()), {});
  if (!session.ok()) return Answer(session.status());
  const auto identity = sessions_.Find(*session);
  sessions_.Close(*session);
  if (!identity.ok()) return Answer(identity.status());
  const auto host = ParseHost((*identity)->host());
  if (!host.ok()) return Answer(host.status());
  const auto token = client_.Login(**identity, *host, CancelledBy(context));
  if (!token.ok()) return Answer(token.status());
  response->set_identity_token(*token);
  return grpc::Status::OK;
}

grpc::Status GrpcRegistryService::ResolveReference(
    grpc::ServerContext* context,
    const registry::v1::ResolveReferenceRequest* request,
    registry::v1::ResolveReferenceResponse* response) {
  const auto identity = sessions_.Find(request->session());
  if (!identity.ok()) return Answer(identity.status());
  auto reference = ParseFor(**identity, request->reference());
  if (!reference.ok()) return Answer(reference.status());
  if (reference->tag.empty() && reference->digest.empty()) {
    reference->tag = "latest";
  }
  const auto found =
      client_.Resolve(**identity, *reference, CancelledBy(context));
  if (!found.ok()) return Answer(found.status());
  response->set_media_type(found->media_type);
  response->set_digest(found->digest.ToString());
  response->set_size(found->size);
  return grpc::Status::OK;
}

grpc::Status GrpcRegistryService::GetManifest(
    grpc::ServerContext* context,
    const registry::v1::GetManifestRequest* request,
    registry::v1::GetManifestResponse* response) {
  const auto identity = sessions_.Find(request->session());
  if (!identity.ok()) return Answer(identity.status());
  const auto repository = ParseFor(**identity, request->repository());
  if (!repository.ok()) return Answer(repository.status());
  const auto digest = ParseDigest(request->digest());
  if (!digest.ok()) return Answer(digest.status());
  auto manifest = client_.FetchManifest(**identity, *repository, *digest,
                                        CancelledBy(context));
  if (!manifest.ok()) return Answer(manifest.status());
  response->set_media_type(manifest->media_type);
  response->set_content(std::move(manifest->content));
  return grpc::Status::OK;
}

grpc::Status GrpcRegistryService::ReadBlob(
    grpc::ServerContext* context, const registry::v1::ReadBlobRequest* request,
    grpc::ServerWriter<registry::v1::ReadBlobResponse>* writer) {
  const auto identity = sessions_.Find(request->session());
  if (!identity.ok()) return Answer(identity.status());
  const auto blob = ParseBlobRequest(**identity, *request);
  if (!blob.ok()) return Answer(blob.status());
  const auto announce = [writer](const type::v1::StreamTicket& ticket,
                                 int64_t size) {
    registry::v1::ReadBlobResponse first;
    *first.mutable_ticket() = ticket;
    first.set_size(size);
    return writer->Write(first);
  };
  SocketSink sink(booth_, announce, CancelledBy(context));
  const absl::Status outcome =
      client_.FetchBlob(**identity, *blob, sink, CancelledBy(context));
  sink.Close();
  return Answer(outcome);
}

grpc::Status GrpcRegistryService::ListTags(
    grpc::ServerContext* context, const registry::v1::ListTagsRequest* request,
    registry::v1::ListTagsResponse* response) {
  const auto identity = sessions_.Find(request->session());
  if (!identity.ok()) return Answer(identity.status());
  const auto repository = ParseFor(**identity, request->repository());
  if (!repository.ok()) return Answer(repository.status());
  const int size = request->page_size() <= 0
                       ? kDefaultTags
                       : std::min(request->page_size(), kMaxTags);
  const auto page =
      client_.ListTags(**identity, *repository, size, request->page_token(),
                       CancelledBy(context));
  if (!page.ok()) return Answer(page.status());
  for (const std::string& tag : page->tags) response->add_tags(tag);
  response->set_next_page_token(page->next);
  return grpc::Status::OK;
}

}  // namespace tug::registryd
