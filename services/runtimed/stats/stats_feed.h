// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "proto/tug/runtime/v1/container.pb.h"

namespace tug::runtimed {

// Gives samples of containers to all who watch them, on one thread: a sample a
// second each, the first at once. Watchers of one container share the samples
// that fall close together, so that a thousand of them cost little more than
// one.
//
// Thread-safe.
class StatsFeed {
 public:
  using Sample = runtime::v1::ContainerStats;
  // A sample of a container; an error once it is not there any more.
  using Sampler = std::function<absl::StatusOr<Sample>(const std::string& id)>;
  // Runs on the feed's thread and must not block. False ends the watch, which
  // an error does, too.
  using Watcher = std::function<bool(const absl::StatusOr<Sample>& sample)>;
  using WatchId = uint64_t;

  // How long a sample is shared; well below the interval.
  static constexpr absl::Duration kShared = absl::Milliseconds(100);
  static constexpr absl::Duration kInterval = absl::Seconds(1);

  explicit StatsFeed(Sampler sampler);
  ~StatsFeed();
  StatsFeed(const StatsFeed&) = delete;
  StatsFeed& operator=(const StatsFeed&) = delete;

  WatchId Watch(std::string container, Watcher watcher);
  // No effect on one that has ended. May be called by a watcher.
  void Cancel(WatchId id);

 private:
  struct Entry {
    std::string container;
    Watcher watcher;
  };
  struct Shared {
    absl::Time taken;
    absl::StatusOr<Sample> sample;
  };

  void Run();
  // The next watch that is due, or nothing once the feed ends.
  bool TakeDue(WatchId& id, absl::Time& due, Entry& entry);
  const absl::StatusOr<Sample>& SampleOf(const std::string& container);

  const Sampler sampler_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  WatchId next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<WatchId, Entry> watches_ ABSL_GUARDED_BY(mutex_);
  std::multimap<absl::Time, WatchId> due_ ABSL_GUARDED_BY(mutex_);
  // Samples of the last kShared, of the thread alone.
  std::map<std::string, Shared> shared_;
  std::thread thread_;
};

}  // namespace tug::runtimed
