// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "proto/tug/image/v1/image.pb.h"

namespace tug::gatewayd {

// Longest text of `changes`.
inline constexpr size_t kMaxImageChanges = 64 * 1024;

// Applies Dockerfile instructions, one a line, to an image's defaults: CMD,
// ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME, WORKDIR.
// INVALID_ARGUMENT names the line.
absl::Status ApplyImageChanges(absl::string_view changes,
                               image::v1::ImageConfig& config);

}  // namespace tug::gatewayd
