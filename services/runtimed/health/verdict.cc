// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/health/verdict.h"

#include "lib/base/utf8.h"

namespace tug::runtimed {

ProbePlan PlanOf(const runtime::v1::HealthConfig& config) {
  ProbePlan plan;
  const auto set = [](int64_t nanoseconds, absl::Duration& duration) {
    if (nanoseconds > 0) duration = absl::Nanoseconds(nanoseconds);
  };
  set(config.interval(), plan.interval);
  set(config.timeout(), plan.timeout);
  set(config.start_period(), plan.start_period);
  set(config.start_interval(), plan.start_interval);
  if (config.retries() > 0) plan.retries = static_cast<int>(config.retries());
  return plan;
}

bool HasProbe(const runtime::v1::Config& config) {
  const auto& test = config.healthcheck().test().values();
  return !test.empty() && (test[0] == "CMD" || test[0] == "CMD-SHELL");
}

std::vector<std::string> ProbeCommand(const runtime::v1::Config& config) {
  const auto& test = config.healthcheck().test().values();
  std::vector<std::string> command;
  if (test.size() < 2) return command;
  if (test[0] == "CMD-SHELL") {
    for (const std::string& word : config.shell().values()) {
      command.push_back(word);
    }
    if (command.empty()) command = {"/bin/sh", "-c"};
  }
  command.insert(command.end(), test.begin() + 1, test.end());
  return command;
}

bool ApplyResult(const runtime::v1::HealthResult& result, int retries,
                 bool starting, runtime::v1::Health& health) {
  const std::string before = health.state();
  runtime::v1::HealthResult& kept = *health.add_log();
  kept = result;
  // Whatever the probe printed, and errors quote what the image says.
  kept.set_output(Presentable(result.output(), kKeptOutput));
  while (health.log_size() > kKeptResults) {
    health.mutable_log()->DeleteSubrange(0, 1);
  }
  if (result.exit_code() == 0) {
    health.set_failing_streak(0);
    health.set_state("healthy");
  } else if (!(starting && before == "starting")) {
    health.set_failing_streak(health.failing_streak() + 1);
    if (health.failing_streak() >= retries) health.set_state("unhealthy");
  }
  return health.state() != before;
}

}  // namespace tug::runtimed
