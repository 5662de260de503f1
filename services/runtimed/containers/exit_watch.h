// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace tug::runtimed {

// Where a log ended with a run of its container: a file and a size. The next
// run may append to the same file.
struct LogEnd {
  uint64_t inode = 0;  // 0: not known.
  int64_t size = 0;
};

// Tells those who asked when containers end or are removed.
//
// Thread-safe. A watch that is registered misses nothing that happens later.
class ExitWatch {
 public:
  // What has happened since the registration.
  struct Seen {
    uint64_t exits = 0;
    // Of the newest end.
    int exit_code = 0;
    // Of the first end.
    LogEnd log_end;
    bool removed = false;
    std::string error;
  };

  // One registered watch of one container, until its destruction.
  class Watcher {
   public:
    // Runs at each change on the thread that tells of it, one run after the
    // other; it must not block, nor destroy the watcher.
    using Callback = std::function<void(const Seen&)>;

    Watcher(ExitWatch& owner, std::string id, Callback callback = {});
    // Waits for a callback that is running.
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    Seen Now() const;
    // Waits until something changes against `seen`, or until `deadline`.
    Seen AwaitChange(const Seen& seen, absl::Time deadline) const;

   private:
    friend class ExitWatch;
    using Change = std::function<void(Seen&)>;
    void Tell(const Change& change);

    ExitWatch& owner_;
    const std::string id_;
    const Callback callback_;
    // Held while the callback runs.
    mutable absl::Mutex mutex_;
    Seen seen_ ABSL_GUARDED_BY(mutex_);
  };

  void NotifyExit(const std::string& id, int exit_code, LogEnd log_end = {});
  void NotifyRemoved(const std::string& id, const std::string& error);

 private:
  void TellAll(const std::string& id, const Watcher::Change& change);

  // Held while watchers are told, so that one which is to go waits for that.
  absl::Mutex mutex_;
  std::multimap<std::string, Watcher*> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::runtimed
