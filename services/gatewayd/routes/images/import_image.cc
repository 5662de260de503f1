// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/status_macros.h"
#include "lib/oci/reference.h"
#include "services/gatewayd/routes/images/byte_pump.h"
#include "services/gatewayd/routes/images/handlers.h"
#include "services/gatewayd/routes/images/platform_query.h"
#include "services/gatewayd/routes/images/progress_lines.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/image_changes.h"

namespace tug::gatewayd {
namespace {

absl::StatusOr<image::v1::ImportImageRequest> ReadQuery(
    const RequestContext& context) {
  image::v1::ImportImageRequest request;
  const std::string repository = context.query().Get("repo");
  const std::string tag = context.query().Get("tag");
  if (!repository.empty()) {
    ASSIGN_OR_RETURN(oci::Reference reference, oci::ParseReference(repository));
    if (!tag.empty() && !oci::IsTag(tag)) {
      return DockerError(400, "invalid tag format");
    }
    if (!tag.empty()) reference.tag = tag;
    if (reference.tag.empty()) reference.tag = "latest";
    request.set_reference(reference.ToString());
  }
  request.set_message(context.query().Get("message", "Imported from -"));
  ASSIGN_OR_RETURN(const auto platform,
                   ParsePlatformPath(context.query().Get("platform")));
  if (platform.has_value()) *request.mutable_platform() = *platform;
  const auto changes = context.query().GetAll("changes");
  if (!changes.empty()) {
    RETURN_IF_ERROR(ApplyImageChanges(absl::StrJoin(changes, "\n"),
                                      *request.mutable_config()));
  }
  return request;
}

}  // namespace

absl::Status ImportImage(const ImageRoutePeers& peers,
                         RequestContext& context) {
  ASSIGN_OR_RETURN(const image::v1::ImportImageRequest request,
                   ReadQuery(context));
  Cancellation broken_off;
  std::string id;
  absl::Status outcome;
  {
    BodyUpload upload(context.exchange());
    outcome = peers.images.ImportImage(
        request, &broken_off,
        [&](const image::v1::ImportImageResponse& message) -> absl::Status {
          if (message.has_ticket()) {
            ASSIGN_OR_RETURN(UniqueFd socket,
                             peers.tickets.Redeem(message.ticket()));
            RETURN_IF_ERROR(
                upload.Start(std::move(socket), [&] { broken_off.Cancel(); }));
          } else {
            id = message.id();
          }
          return absl::OkStatus();
        });
    if (broken_off.cancelled()) outcome = upload.Finish();
  }
  RETURN_IF_ERROR(outcome);
  JsonLines lines(context);
  return lines.Write(StatusLine(id));
}

}  // namespace tug::gatewayd
