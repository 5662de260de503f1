// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/oci/reference.h"
#include "services/gatewayd/routes/images/handlers.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {

absl::Status TagImage(const ImageRoutePeers& peers, RequestContext& context) {
  const std::string repository = context.query().Get("repo");
  const std::string tag = context.query().Get("tag");
  if (!tag.empty() && !oci::IsTag(tag)) {
    return DockerError(400, "invalid tag format");
  }
  context.subject = repository;
  ASSIGN_OR_RETURN(const oci::Reference parsed,
                   oci::ParseReference(repository));
  context.subject = context.parameter();
  if (!parsed.digest.empty()) {
    return DockerError(400, "refusing to create a tag with a digest reference");
  }
  if (parsed.FamiliarRepository() == "sha256") {
    return DockerError(400,
                       "refusing to create an ambiguous tag using digest "
                       "algorithm as name");
  }
  oci::Reference target = parsed;
  if (!tag.empty()) target.tag = tag;
  if (target.tag.empty()) target.tag = "latest";
  image::v1::TagImageRequest request;
  request.set_name(context.parameter());
  request.set_target(target.ToString());
  RETURN_IF_ERROR(peers.images.TagImage(request));
  return context.RespondEmpty(201);
}

}  // namespace tug::gatewayd
