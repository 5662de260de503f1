// SPDX-License-Identifier: Apache-2.0
//
// The handlers of the table in image_routes.cc, one file each.
#pragma once

#include "absl/status/status.h"
#include "services/gatewayd/routes/images/image_routes.h"
#include "services/gatewayd/server/request_context.h"

namespace tug::gatewayd {

absl::Status ListImages(const ImageRoutePeers& peers, RequestContext& context);
absl::Status InspectImage(const ImageRoutePeers& peers,
                          RequestContext& context);
absl::Status ImageHistory(const ImageRoutePeers& peers,
                          RequestContext& context);
absl::Status ImageAttestations(const ImageRoutePeers& peers,
                               RequestContext& context);
// POST /images/create: a pull, or an import with fromSrc.
absl::Status CreateImage(const ImageRoutePeers& peers, RequestContext& context);
absl::Status PullImage(const ImageRoutePeers& peers, RequestContext& context);
absl::Status ImportImage(const ImageRoutePeers& peers, RequestContext& context);
absl::Status LoadImages(const ImageRoutePeers& peers, RequestContext& context);
// GET /images/{name}/get and /images/get?names=.
absl::Status SaveImage(const ImageRoutePeers& peers, RequestContext& context);
absl::Status SaveImages(const ImageRoutePeers& peers, RequestContext& context);
absl::Status TagImage(const ImageRoutePeers& peers, RequestContext& context);
absl::Status RemoveImage(const ImageRoutePeers& peers, RequestContext& context);
absl::Status PruneImages(const ImageRoutePeers& peers, RequestContext& context);
absl::Status InspectDistribution(const ImageRoutePeers& peers,
                                 RequestContext& context);

}  // namespace tug::gatewayd
