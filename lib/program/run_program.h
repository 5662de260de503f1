// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace tug {

// What every daemon's command line gives.
struct ProgramOptions {
  // Path of the configuration: a JSON object with kebab-case keys, the
  // program's own section. Empty: all defaults.
  std::string config_path;
  // Overrides of single keys: --set key=value, in order.
  std::vector<std::string> overrides;
  // --log-level; empty if not given.
  std::string log_level;
};

struct ProgramInfo {
  std::string name;         // "netd"
  std::string description;  // For --help: one paragraph, and the config keys.
  // Whether to raise the limit of open files (lib/program/open_files.h).
  bool many_open_files = true;
};

// The main() of a daemon: parses --config, --set, --log-level, --user,
// --version and --help, sets up logs, ignores SIGPIPE, blocks SIGTERM and
// SIGINT in all threads (lib/program/shutdown_signal.h waits for them), sets
// the umask to 022, becomes the user or wears its service's tag
// (lib/confine/service_tag.h), ends with tugd, calls `run`, logs its
// failure. Returns the exit status: 0, 1 after a failure, 2 for a bad command
// line.
int RunProgram(int argc, char** argv, const ProgramInfo& info,
               absl::FunctionRef<absl::Status(const ProgramOptions&)> run);

}  // namespace tug
