// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/restart/restart_policy.h"

#include <algorithm>

namespace tug::runtimed {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(100);
constexpr absl::Duration kLongestPause = absl::Minutes(1);
constexpr absl::Duration kGoodRun = absl::Seconds(10);

}  // namespace

bool PolicyRestarts(const runtime::v1::RestartPolicy& policy, int exit_code,
                    bool manually_stopped, int restarts) {
  if (manually_stopped) return false;
  if (policy.name() == "always" || policy.name() == "unless-stopped") {
    return true;
  }
  if (policy.name() != "on-failure" || exit_code == 0) return false;
  return policy.maximum_retry_count() == 0 ||
         restarts < policy.maximum_retry_count();
}

absl::Duration RestartBackoff::Next(const std::string& id,
                                    absl::Duration ran_for) {
  absl::MutexLock lock(&mutex_);
  absl::Duration& pause = pauses_[id];
  pause = pause == absl::ZeroDuration() || ran_for > kGoodRun
              ? kFirstPause
              : std::min(2 * pause, kLongestPause);
  return pause;
}

void RestartBackoff::Forget(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  pauses_.erase(id);
}

}  // namespace tug::runtimed
