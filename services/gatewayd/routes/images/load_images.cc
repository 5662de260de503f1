// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "boost/json/object.hpp"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/images/byte_pump.h"
#include "services/gatewayd/routes/images/handlers.h"
#include "services/gatewayd/routes/images/platform_query.h"
#include "services/gatewayd/routes/images/progress_lines.h"
#include "services/gatewayd/translate/errors.h"
#include "services/gatewayd/translate/image_json.h"

namespace tug::gatewayd {
namespace {

// Most images of one archive that are named in the answer.
constexpr size_t kMaxLoaded = 10000;

std::string LoadedText(const image::v1::LoadedImage& loaded) {
  if (loaded.reference().empty()) {
    return absl::StrCat("Loaded image ID: ", loaded.id(), "\n");
  }
  return absl::StrCat("Loaded image: ", FamiliarReference(loaded.reference()),
                      "\n");
}

// The body goes up on a thread of its own; what the service says is kept until
// the end, as most clients read nothing before they have sent everything.
absl::Status Load(const ImageRoutePeers& peers, RequestContext& context,
                  const image::v1::LoadImagesRequest& request,
                  std::vector<std::string>& texts) {
  Cancellation broken_off;
  BodyUpload upload(context.exchange());
  const absl::Status outcome = peers.images.LoadImages(
      request, &broken_off,
      [&](const image::v1::LoadImagesResponse& message) -> absl::Status {
        if (message.has_ticket()) {
          ASSIGN_OR_RETURN(UniqueFd socket,
                           peers.tickets.Redeem(message.ticket()));
          RETURN_IF_ERROR(
              upload.Start(std::move(socket), [&] { broken_off.Cancel(); }));
        }
        if (message.has_loaded() && texts.size() < kMaxLoaded) {
          texts.push_back(LoadedText(message.loaded()));
        }
        return absl::OkStatus();
      });
  if (broken_off.cancelled()) return upload.Finish();
  return outcome;
}

}  // namespace

absl::Status LoadImages(const ImageRoutePeers& peers, RequestContext& context) {
  ASSIGN_OR_RETURN(const auto platform,
                   ParsePlatformJson(context.query().Get("platform")));
  image::v1::LoadImagesRequest request;
  if (platform.has_value()) *request.mutable_platform() = *platform;
  std::vector<std::string> texts;
  const absl::Status outcome = Load(peers, context, request, texts);
  JsonLines lines(context);
  for (const std::string& text : texts) {
    RETURN_IF_ERROR(lines.Write(boost::json::object{{"stream", text}}));
  }
  // Docker tells of a bad archive in-band, with 200.
  if (!outcome.ok()) {
    return lines.Write(
        ErrorLine(TranslateError(outcome, context.subject).message));
  }
  return lines.Start();
}

}  // namespace tug::gatewayd
