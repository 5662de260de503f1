// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>

#include "absl/synchronization/mutex.h"

namespace tug::runtimed {

// One lock per container id, held by an operation that changes the container
// while it decides and acts. Reads never take it. It may be held across system
// calls of that one container (a start, a freeze), never across a wait for its
// end.
//
// Thread-safe.
class OperationLocks {
 public:
  // Holds the lock of one container until destroyed.
  class Held {
   public:
    Held(OperationLocks& owner, std::string id);
    ~Held();
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

   private:
    OperationLocks& owner_;
    const std::string id_;
    absl::Mutex* mutex_;
  };

 private:
  friend class Held;
  struct Entry {
    absl::Mutex mutex;
    int users = 0;
  };
  absl::Mutex mutex_;
  // Entries live only while somebody holds or waits for them.
  std::map<std::string, std::unique_ptr<Entry>> entries_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::runtimed
