// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "lib/sys/unique_fd.h"

namespace tug::runtimed {

// Clients that attached before the start: their sockets wait here, and go to
// the shim before the process runs, so that no output is lost.
//
// Thread-safe.
class ParkedAttaches {
 public:
  // Most that wait for one container.
  static constexpr size_t kMaxPerContainer = 64;

  struct Attach {
    UniqueFd socket;
    // kStream* of shim/protocol.h.
    uint32_t flags = 0;
  };

  // RESOURCE_EXHAUSTED when too many wait.
  absl::Status Park(const std::string& id, Attach attach);
  std::vector<Attach> Take(const std::string& id);

 private:
  absl::Mutex mutex_;
  std::map<std::string, std::vector<Attach>> parked_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::runtimed
