// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "proto/tug/runtime/v1/container_config.pb.h"

namespace tug::runtimed {

// Whether a policy starts a container again that ended by itself. Pure.
// `restarts` counts those since a user last started it.
bool PolicyRestarts(const runtime::v1::RestartPolicy& policy, int exit_code,
                    bool manually_stopped, int restarts);

// Pauses before restarts: 100 ms, doubled each time up to a minute, and from
// the beginning after a run of ten seconds.
//
// Thread-safe.
class RestartBackoff {
 public:
  absl::Duration Next(const std::string& id, absl::Duration ran_for);
  void Forget(const std::string& id);

 private:
  absl::Mutex mutex_;
  std::map<std::string, absl::Duration> pauses_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::runtimed
