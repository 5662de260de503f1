// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "lib/program/run_program.h"

namespace tug {

// Reads `options` into `config`, a message whose field names are the keys with
// "_" for "-". Fields not named keep what `config` held before (the defaults);
// lists and maps that are named are replaced. An override is `key=value` or
// `section.key=value`: text for a string, JSON for everything else.
// INVALID_ARGUMENT names file and unknown key or wrong type.
absl::Status LoadConfigInto(const ProgramOptions& options,
                            google::protobuf::Message& config);

// The content of a configuration file, at most 1 MiB.
absl::StatusOr<std::string> ReadConfigText(const std::string& path);

// The same as LoadConfigInto for a JSON text; `source` is named in errors.
absl::Status MergeConfigText(absl::string_view text, absl::string_view source,
                             google::protobuf::Message& config);

// The same, starting from the values that the caller set.
template <typename Config>
absl::StatusOr<Config> LoadConfig(const ProgramOptions& options,
                                  Config defaults) {
  absl::Status status = LoadConfigInto(options, defaults);
  if (!status.ok()) return status;
  return defaults;
}

}  // namespace tug
