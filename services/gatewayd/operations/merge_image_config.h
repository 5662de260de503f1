// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "proto/tug/image/v1/image.pb.h"
#include "proto/tug/runtime/v1/container_config.pb.h"

namespace tug::gatewayd {

// Fills what the user left open with the image's defaults, by Docker's rules:
// lists of names are united, a given entrypoint drops the image's command, an
// entrypoint [""] clears both.
void MergeImageConfig(const image::v1::ImageConfig& image,
                      runtime::v1::Config& config);

}  // namespace tug::gatewayd
