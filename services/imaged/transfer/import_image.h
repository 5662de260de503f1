// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "proto/tug/image/v1/image.pb.h"
#include "services/imaged/transfer/transfer_parts.h"

namespace tug::imaged {

// Makes a one-layer image of the root file system in the tar that comes over
// `connection` (borrowed); answers its id. INVALID_ARGUMENT (ARCHIVE_INVALID |
// REFERENCE_INVALID).
absl::StatusOr<std::string> ImportImage(
    const TransferParts& parts, int connection,
    const image::v1::ImportImageRequest& request, const Cancelled& cancelled);

}  // namespace tug::imaged
