// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "proto/tug/runtime/v1/container.pb.h"

namespace tug::runtimed {

// The health of containers that have a probe, and the threads that probe them
// (one each; most of the time they wait). In memory: it is found out again.
//
// Thread-safe. The destructor stops the threads and waits for them.
class HealthTable {
 public:
  // Most containers that are probed at once.
  static constexpr int kMaxProbes = 4096;

  // Given to the thread of one container.
  class Session {
   public:
    // Waits; false as soon as the session is to end.
    bool Pause(absl::Duration duration);
    bool ended();

   private:
    friend class HealthTable;
    absl::Mutex mutex_;
    bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  };

  ~HealthTable();

  // Sets the state to "starting" and runs `probe` on a thread of its own, in
  // place of the container's present one. RESOURCE_EXHAUSTED.
  absl::Status Start(const std::string& id,
                     std::function<void(Session&)> probe);

  // Ends the probing; what was found stays until Forget.
  void Stop(const std::string& id);
  void Forget(const std::string& id);

  std::optional<runtime::v1::Health> Get(const std::string& id) const;
  void Change(const std::string& id,
              absl::FunctionRef<void(runtime::v1::Health&)> change);

 private:
  struct Entry {
    runtime::v1::Health health;
    // Shared with the thread, which may outlive the entry.
    std::shared_ptr<Session> session;
  };
  static void End(Session& session);

  mutable absl::Mutex mutex_;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  int threads_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tug::runtimed
