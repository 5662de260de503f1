// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "proto/tug/image/v1/image.pb.h"
#include "services/imaged/transfer/transfer_parts.h"

namespace tug::imaged {

using OnLoaded = std::function<void(const image::v1::LoadedImage&)>;

// Reads images from an archive that comes over `connection` (borrowed), and
// names them once all of them are unpacked. The callbacks run on the calling
// thread. INVALID_ARGUMENT (ARCHIVE_INVALID), CANCELLED.
absl::Status LoadImages(const TransferParts& parts, int connection,
                        const image::v1::LoadImagesRequest& request,
                        const OnLayer& on_layer, const OnLoaded& on_loaded,
                        const Cancelled& cancelled);

}  // namespace tug::imaged
