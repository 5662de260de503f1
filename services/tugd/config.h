// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "lib/program/run_program.h"
#include "services/tugd/config.pb.h"

namespace tug::tugd {

// The whole configuration file.
struct EngineConfig {
  TugdConfig tugd;
  // JSON of each service's section, with tugd's directories filled in.
  std::map<std::string, std::string> sections;
};

// Reads --config, else /etc/tug/tug.json if it exists; --set changes keys of
// the section "tugd". INVALID_ARGUMENT names an unknown section or key, and a
// section whose directories are not tugd's.
absl::StatusOr<EngineConfig> LoadEngineConfig(const ProgramOptions& options);

}  // namespace tug::tugd
