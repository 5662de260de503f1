// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/stats/stats_feed.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/time/clock.h"

namespace tug::runtimed {

StatsFeed::StatsFeed(Sampler sampler)
    : sampler_(std::move(sampler)), thread_([this] { Run(); }) {}

StatsFeed::~StatsFeed() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

StatsFeed::WatchId StatsFeed::Watch(std::string container, Watcher watcher) {
  absl::MutexLock lock(&mutex_);
  const WatchId id = next_id_++;
  watches_[id] = {std::move(container), std::move(watcher)};
  due_.emplace(absl::Now(), id);
  return id;
}

void StatsFeed::Cancel(WatchId id) {
  Watcher ended;  // Freed without the lock.
  absl::MutexLock lock(&mutex_);
  const auto found = watches_.find(id);
  if (found == watches_.end()) return;
  ended = std::move(found->second.watcher);
  watches_.erase(found);
}

bool StatsFeed::TakeDue(WatchId& id, absl::Time& due, Entry& entry) {
  absl::MutexLock lock(&mutex_);
  for (;;) {
    const absl::Time first =
        due_.empty() ? absl::InfiniteFuture() : due_.begin()->first;
    const auto changed = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return stopping_ || (!due_.empty() && due_.begin()->first < first);
    };
    mutex_.AwaitWithDeadline(absl::Condition(&changed), first);
    if (stopping_) return false;
    if (due_.empty() || due_.begin()->first > absl::Now()) continue;
    due = due_.begin()->first;
    id = due_.begin()->second;
    due_.erase(due_.begin());
    const auto found = watches_.find(id);
    if (found == watches_.end()) continue;
    entry = found->second;
    return true;
  }
}

const absl::StatusOr<StatsFeed::Sample>& StatsFeed::SampleOf(
    const std::string& container) {
  const absl::Time now = absl::Now();
  for (auto at = shared_.begin(); at != shared_.end();) {
    at = now - at->second.taken > kShared ? shared_.erase(at) : std::next(at);
  }
  const auto known = shared_.find(container);
  if (known != shared_.end()) return known->second.sample;
  return shared_.insert_or_assign(container, Shared{now, sampler_(container)})
      .first->second.sample;
}

void StatsFeed::Run() {
  WatchId id = 0;
  absl::Time due;
  Entry entry;
  while (TakeDue(id, due, entry)) {
    const absl::StatusOr<Sample>& sample = SampleOf(entry.container);
    const bool goes_on = entry.watcher(sample) && sample.ok();
    entry = {};
    if (!goes_on) {
      Cancel(id);
      continue;
    }
    absl::MutexLock lock(&mutex_);
    // After a stall the samples that were missed are not made up for.
    due_.emplace(std::max(due + kInterval, absl::Now()), id);
  }
}

}  // namespace tug::runtimed
