// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/tug/image/v1/image.pb.h"
#include "services/imaged/transfer/layer_flights.h"
#include "services/imaged/transfer/registry_peer.h"
#include "services/imaged/transfer/transfer_parts.h"

namespace tug::imaged {

// How often progress is told and a caller's leaving is noticed.
inline constexpr absl::Duration kProgressInterval = absl::Milliseconds(100);

// Fetches an image; nothing is visible before all of it is verified. Errors as
// in proto/tug/image/v1/image.proto. `on_layer` runs on the calling thread.
absl::StatusOr<image::v1::PullResult> PullImage(
    const TransferParts& parts, RegistryPeer& registry, LayerFlights& flights,
    const image::v1::PullImageRequest& request, const OnLayer& on_layer,
    const Cancelled& cancelled);

}  // namespace tug::imaged
