// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace tug::runtimed {

// Tells waiters when containers end or are removed.
//
// Thread-safe. A watch that is registered misses nothing that happens later.
class ExitWatch {
 public:
  // What a watcher has been told so far.
  struct Seen {
    uint64_t exits = 0;
    // Of the newest end.
    int exit_code = 0;
    // The newest end was not followed by a restart.
    bool at_rest = false;
    bool removed = false;
    std::string error;
  };

  // One registered watcher of one container.
  class Watcher {
   public:
    // `wake`, if not -1, is an eventfd that is written at each change;
    // borrowed.
    Watcher(ExitWatch& owner, std::string id, int wake = -1);
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    // What happened since the registration.
    Seen Now() const;
    // Waits until something changes against `seen`, or until `deadline`.
    Seen AwaitChange(const Seen& seen, absl::Time deadline) const;

   private:
    ExitWatch& owner_;
    const std::string id_;
    const int wake_;
    Seen seen_;
    void Wake() const;
    friend class ExitWatch;
  };

  void NotifyExit(const std::string& id, int exit_code, bool at_rest);
  void NotifyRemoved(const std::string& id, const std::string& error);

 private:
  mutable absl::Mutex mutex_;
  std::multimap<std::string, Watcher*> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::runtimed
