// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/dockerfile/instruction.h"
#include "proto/tug/image/v1/image.pb.h"

namespace tug::gatewayd {

// What "HEALTHCHECK [--interval=...] CMD command" or "HEALTHCHECK NONE" asks
// for. INVALID_ARGUMENT with Docker's words.
absl::StatusOr<image::v1::HealthConfig> ReadHealthInstruction(
    const dockerfile::Instruction& instruction);

// "unknown flag: --name".
absl::Status UnknownFlag(absl::string_view flag);

}  // namespace tug::gatewayd
