// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "lib/sys/unique_fd.h"

namespace tug::http {

// One thread that notices peers that leave while their handlers are busy
// elsewhere. Thread-safe.
class DisconnectWatcher {
 public:
  static absl::StatusOr<std::unique_ptr<DisconnectWatcher>> Create();
  ~DisconnectWatcher();

  // Runs `on_gone` on the watcher's thread, at most once, when the peer of
  // `socket` closes or half-closes. Answers a number for Remove().
  uint64_t Add(int socket, std::function<void()> on_gone);
  // After its return `on_gone` neither runs nor will run; from inside `on_gone`
  // it returns at once.
  void Remove(uint64_t watch);

 private:
  struct Watch {
    int socket;
    std::function<void()> on_gone;
  };
  DisconnectWatcher(UniqueFd epoll, UniqueFd wake);
  void Run();
  void Fire(uint64_t watch);

  const UniqueFd epoll_;
  const UniqueFd wake_;
  absl::Mutex mutex_;
  std::map<uint64_t, Watch> watches_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_ ABSL_GUARDED_BY(mutex_) = 1;
  // The watch whose callback runs now.
  uint64_t firing_ ABSL_GUARDED_BY(mutex_) = 0;
  std::thread thread_;
};

}  // namespace tug::http
