// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/time/time.h"
#include "proto/tug/runtime/v1/container.pb.h"

namespace tug::runtimed {

// A HealthConfig with its defaults filled in.
struct ProbePlan {
  absl::Duration interval = absl::Seconds(30);
  absl::Duration timeout = absl::Seconds(30);
  absl::Duration start_period;
  absl::Duration start_interval = absl::Seconds(5);
  int retries = 3;
};
ProbePlan PlanOf(const runtime::v1::HealthConfig& config);

// Whether the container has a probe at all.
bool HasProbe(const runtime::v1::Config& config);

// The command line of the probe. Empty: its user has named none, and each probe
// fails.
std::vector<std::string> ProbeCommand(const runtime::v1::Config& config);

// Most results and most bytes of output that are kept.
inline constexpr int kKeptResults = 5;
inline constexpr size_t kKeptOutput = 4096;

// Takes one result into account; `starting` while failures do not count yet.
// Answers whether the state has changed. Pure.
bool ApplyResult(const runtime::v1::HealthResult& result, int retries,
                 bool starting, runtime::v1::Health& health);

}  // namespace tug::runtimed
