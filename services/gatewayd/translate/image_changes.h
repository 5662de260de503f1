// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "proto/tug/image/v1/image.pb.h"

namespace tug::gatewayd {

// Most bytes that changes may put into a configuration. Variables and ranges
// of ports make much of little.
inline constexpr size_t kMaxChangedBytes = 1 << 20;

// Applies Dockerfile instructions, one a line, to an image's defaults, which
// may have been set before (commit) or not (import): CMD, ENTRYPOINT, ENV,
// EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR.
// INVALID_ARGUMENT with Docker's words.
absl::Status ApplyImageChanges(absl::string_view changes,
                               image::v1::ImageConfig& config);

}  // namespace tug::gatewayd
