// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "proto/tug/runtime/v1/container.pb.h"

namespace tug::runtimed {

// HostConfig.log_config, taken apart.
struct LogOptions {
  // Otherwise nothing is kept ("none").
  bool keep = true;
  // Bytes of one file; 0: no limit.
  uint64_t max_size = 0;
  int max_files = 1;
};

// INVALID_ARGUMENT (CONTAINER_SPEC_INVALID) for an unknown driver or option.
absl::StatusOr<LogOptions> ParseLogOptions(
    const runtime::v1::LogConfig& config);

// The JSON object that every log line carries: the labels and variables that
// the options name; empty: none.
std::string LogAttributes(const runtime::v1::Container& container);

// The same as sorted "key=value" pairs joined by commas, URL-encoded, as
// clients see them in front of a line.
std::string LogDetails(const runtime::v1::Container& container);

// "10m", "64K", "1g" or plain bytes.
absl::StatusOr<uint64_t> ParseSize(absl::string_view text);

}  // namespace tug::runtimed
