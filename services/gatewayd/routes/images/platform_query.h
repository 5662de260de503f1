// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "proto/tug/image/v1/image.pb.h"

namespace tug::gatewayd {

// The `platform` of a query: JSON since 1.48 ({"os":"linux",...}), or
// "os/arch/variant" where pull takes it. nullopt when empty.
absl::StatusOr<std::optional<image::v1::Platform>> ParsePlatformJson(
    const std::string& text);
absl::StatusOr<std::optional<image::v1::Platform>> ParsePlatformPath(
    const std::string& text);

// "linux/arm64/v8"
std::string PlatformText(const image::v1::Platform& platform);

}  // namespace tug::gatewayd
