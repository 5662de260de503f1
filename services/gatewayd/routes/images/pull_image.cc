// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/oci/reference.h"
#include "services/gatewayd/routes/images/handlers.h"
#include "services/gatewayd/routes/images/platform_query.h"
#include "services/gatewayd/routes/images/progress_lines.h"
#include "services/gatewayd/routes/images/registry_session.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {
namespace {

// Most tags of a pull of a whole repository.
constexpr size_t kMaxTags = 10000;
// Most pages in which a registry may list them; it may make them small.
constexpr size_t kMaxTagPages = 1000;

// What the query asks for; without tag and digest: every tag.
absl::StatusOr<oci::Reference> WantedReference(const RequestContext& context) {
  ASSIGN_OR_RETURN(oci::Reference reference,
                   oci::ParseReference(context.query().Get("fromImage")));
  const std::string tag = context.query().Get("tag");
  if (tag.empty()) return reference;
  if (absl::StrContains(tag, ':')) {
    ASSIGN_OR_RETURN(reference.digest, oci::Digest::Parse(tag));
    reference.tag.clear();
    return reference;
  }
  if (!oci::IsTag(tag)) return DockerError(400, "invalid reference format");
  reference.tag = tag;
  return reference;
}

absl::StatusOr<std::vector<oci::Reference>> ListTags(
    RegistryClient& registries, const std::string& session,
    const oci::Reference& repository, const Cancellation& client_gone) {
  std::vector<oci::Reference> references;
  registry::v1::ListTagsRequest request;
  request.set_session(session);
  request.set_repository(repository.Repository());
  for (size_t pages = 0; pages < kMaxTagPages; ++pages) {
    if (client_gone.cancelled()) {
      return absl::CancelledError("the client left while tags were listed");
    }
    ASSIGN_OR_RETURN(const registry::v1::ListTagsResponse page,
                     registries.ListTags(request));
    for (const std::string& tag : page.tags()) {
      oci::Reference reference = repository;
      reference.tag = tag;
      references.push_back(std::move(reference));
    }
    if (references.size() > kMaxTags) break;
    request.set_page_token(page.next_page_token());
    if (request.page_token().empty()) return references;
  }
  return DockerError(
      400, absl::StrCat(repository.FamiliarRepository(), " has more than ",
                        kMaxTags, " tags: name the ones to pull"));
}

// One pull of one reference; `lines` may have begun with an earlier one.
class Pull {
 public:
  Pull(const ImageRoutePeers& peers, RequestContext& context, JsonLines& lines,
       const std::string& session, std::optional<image::v1::Platform> platform)
      : peers_(peers),
        context_(context),
        lines_(lines),
        session_(session),
        platform_(std::move(platform)) {}

  absl::Status Run(const oci::Reference& reference) {
    context_.subject = reference.Familiar();
    ASSIGN_OR_RETURN(const image::v1::PullImageRequest request,
                     Resolve(reference));
    RETURN_IF_ERROR(Announce(reference));
    image::v1::PullResult result;
    LayerLines layers;
    RETURN_IF_ERROR(peers_.images.PullImage(
        request, &context_.client_gone(),
        [&](const image::v1::PullImageResponse& message) {
          return OnMessage(message, layers, result);
        }));
    RETURN_IF_ERROR(lines_.Write(
        StatusLine(absl::StrCat("Digest: ", request.resolved().digest()))));
    return lines_.Write(StatusLine(absl::StrCat(
        result.up_to_date() ? "Status: Image is up to date for "
                            : "Status: Downloaded newer image for ",
        reference.Familiar())));
  }

 private:
  absl::StatusOr<image::v1::PullImageRequest> Resolve(
      const oci::Reference& reference) {
    registry::v1::ResolveReferenceRequest resolve;
    resolve.set_session(session_);
    resolve.set_reference(reference.ToString());
    ASSIGN_OR_RETURN(const registry::v1::ResolveReferenceResponse resolved,
                     peers_.registries.ResolveReference(resolve));
    image::v1::PullImageRequest request;
    request.set_reference(reference.ToString());
    request.set_registry_session(session_);
    request.mutable_resolved()->set_media_type(resolved.media_type());
    request.mutable_resolved()->set_digest(resolved.digest());
    request.mutable_resolved()->set_size(resolved.size());
    if (platform_.has_value()) *request.mutable_platform() = *platform_;
    return request;
  }

  absl::Status Announce(const oci::Reference& reference) {
    boost::json::object line =
        StatusLine(absl::StrCat("Pulling from ", reference.path));
    line["id"] = reference.tag.empty() ? reference.Familiar() : reference.tag;
    return lines_.Write(line);
  }

  absl::Status OnMessage(const image::v1::PullImageResponse& message,
                         LayerLines& layers, image::v1::PullResult& result) {
    std::vector<boost::json::object> due;
    if (message.has_result()) {
      result = message.result();
      if (!result.up_to_date()) due = layers.Flush();
    } else {
      due = layers.Take(message.layer());
    }
    for (const boost::json::object& line : due) {
      RETURN_IF_ERROR(lines_.Write(line));
    }
    return absl::OkStatus();
  }

  const ImageRoutePeers& peers_;
  RequestContext& context_;
  JsonLines& lines_;
  const std::string& session_;
  const std::optional<image::v1::Platform> platform_;
};

absl::Status PullAll(const ImageRoutePeers& peers, RequestContext& context,
                     JsonLines& lines) {
  context.subject = context.query().Get("fromImage");
  ASSIGN_OR_RETURN(const oci::Reference wanted, WantedReference(context));
  context.subject = wanted.Familiar();
  ASSIGN_OR_RETURN(auto platform,
                   ParsePlatformPath(context.query().Get("platform")));
  ASSIGN_OR_RETURN(
      const RegistrySession session,
      RegistrySession::Open(peers.registries, wanted.domain, context));
  std::vector<oci::Reference> references = {wanted};
  if (wanted.tag.empty() && wanted.digest.empty()) {
    ASSIGN_OR_RETURN(references,
                     ListTags(peers.registries, session.id(), wanted,
                              context.client_gone()));
  }
  Pull pull(peers, context, lines, session.id(), std::move(platform));
  for (const oci::Reference& reference : references) {
    RETURN_IF_ERROR(pull.Run(reference));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status PullImage(const ImageRoutePeers& peers, RequestContext& context) {
  JsonLines lines(context);
  return FinishWithError(lines, context, PullAll(peers, context, lines));
}

absl::Status CreateImage(const ImageRoutePeers& peers,
                         RequestContext& context) {
  if (!context.query().Get("fromImage").empty()) {
    return PullImage(peers, context);
  }
  const std::string source = context.query().Get("fromSrc");
  if (source == "-") return ImportImage(peers, context);
  if (source.empty()) {
    return DockerError(
        400, "missing parameter: fromImage (pull) or fromSrc=- (import)");
  }
  return DockerError(
      501, absl::StrCat("importing from ", source,
                        " is not built yet: fetch it yourself and send it as "
                        "the body, with fromSrc=-"));
}

}  // namespace tug::gatewayd
