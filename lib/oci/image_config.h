// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/oci/digest.h"
#include "lib/oci/platform.h"

namespace tug::oci {

// How to find out whether a container is well (Docker's addition). Times in
// nanoseconds.
struct HealthProbe {
  std::vector<std::string> test;
  int64_t interval = 0;
  int64_t timeout = 0;
  int64_t start_period = 0;
  int64_t start_interval = 0;
  int64_t retries = 0;
};

// The defaults an image gives to containers.
struct ContainerDefaults {
  std::string user;
  std::vector<std::string> exposed_ports;
  std::vector<std::string> env;
  std::optional<std::vector<std::string>> entrypoint;
  std::optional<std::vector<std::string>> cmd;
  std::vector<std::string> volumes;
  std::string working_dir;
  std::map<std::string, std::string> labels;
  std::string stop_signal;
  std::optional<HealthProbe> healthcheck;
  std::vector<std::string> on_build;
  std::optional<std::vector<std::string>> shell;
  bool args_escaped = false;
};

struct HistoryEntry {
  absl::Time created = absl::UnixEpoch();
  std::string created_by;
  std::string author;
  std::string comment;
  bool empty_layer = false;
};

// OCI image configuration, or Docker's of the same shape.
struct ImageConfig {
  std::optional<absl::Time> created;
  std::string author;
  Platform platform;
  ContainerDefaults config;
  std::vector<Digest> diff_ids;  // Base first.
  std::vector<HistoryEntry> history;
};

// INVALID_ARGUMENT (MANIFEST_INVALID).
absl::StatusOr<ImageConfig> ParseImageConfig(absl::string_view text);

// Whether an image with this configuration is taken (config_limits.h); what is
// stored already is read whatever its size. INVALID_ARGUMENT
// (MANIFEST_INVALID).
absl::Status CheckImageConfigSize(const ImageConfig& config);

// Writes a configuration document.
std::string SerializeImageConfig(const ImageConfig& config);

}  // namespace tug::oci
