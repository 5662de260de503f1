// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/tug/runtime/v1/container_config.pb.h"

namespace tug::runtimed {

// Entrypoint and command, joined. INVALID_ARGUMENT (CONTAINER_SPEC_INVALID)
// when there is nothing to run.
absl::StatusOr<std::vector<std::string>> CommandLine(
    const runtime::v1::Config& config);

// PATH, HOSTNAME and (where the process has a terminal) TERM, overridden by the
// container's own; an entry without "=" removes that variable. HOME is the
// init's part.
std::vector<std::string> Environment(const runtime::v1::Config& config,
                                     const std::string& hostname,
                                     bool terminal);

// Puts `overrides` over `base`: by key, in place, new ones at the end.
std::vector<std::string> OverrideEnvironment(
    std::vector<std::string> base, const std::vector<std::string>& overrides);

// Refuses what no program could be given: NUL bytes, a bad name of a
// variable, a relative working directory.
absl::Status CheckProcess(const runtime::v1::Config& config);

}  // namespace tug::runtimed
