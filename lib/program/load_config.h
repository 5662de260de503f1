// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "lib/program/run_program.h"

namespace tug {

// Reads `options` into `config`, a message whose field names are the keys with
// "_" for "-". Fields not named keep what `config` held before (the defaults).
// INVALID_ARGUMENT names file and unknown key or wrong type.
absl::Status LoadConfigInto(const ProgramOptions& options,
                            google::protobuf::Message& config);

// The same, starting from `Config::default values` set by the caller.
template <typename Config>
absl::StatusOr<Config> LoadConfig(const ProgramOptions& options,
                                  Config defaults) {
  absl::Status status = LoadConfigInto(options, defaults);
  if (!status.ok()) return status;
  return defaults;
}

}  // namespace tug
