// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/containers/exit_watch.h"

#include <utility>

namespace tug::runtimed {

ExitWatch::Watcher::Watcher(ExitWatch& owner, std::string id, Callback callback)
    : owner_(owner), id_(std::move(id)), callback_(std::move(callback)) {
  absl::MutexLock lock(&owner_.mutex_);
  owner_.watchers_.emplace(id_, this);
}

ExitWatch::Watcher::~Watcher() {
  absl::MutexLock lock(&owner_.mutex_);
  auto [at, end] = owner_.watchers_.equal_range(id_);
  while (at != end && at->second != this) ++at;
  owner_.watchers_.erase(at);
}

void ExitWatch::Watcher::Tell(const Change& change) {
  absl::MutexLock lock(&mutex_);
  change(seen_);
  if (callback_) callback_(seen_);
}

ExitWatch::Seen ExitWatch::Watcher::Now() const {
  absl::MutexLock lock(&mutex_);
  return seen_;
}

ExitWatch::Seen ExitWatch::Watcher::AwaitChange(const Seen& seen,
                                                absl::Time deadline) const {
  absl::MutexLock lock(&mutex_);
  const auto changed = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return seen_.exits != seen.exits || seen_.removed != seen.removed;
  };
  mutex_.AwaitWithDeadline(absl::Condition(&changed), deadline);
  return seen_;
}

void ExitWatch::TellAll(const std::string& id, const Watcher::Change& change) {
  absl::MutexLock lock(&mutex_);
  auto [at, end] = watchers_.equal_range(id);
  for (; at != end; ++at) at->second->Tell(change);
}

void ExitWatch::NotifyExit(const std::string& id, int exit_code,
                           LogEnd log_end) {
  TellAll(id, [&](Seen& seen) {
    if (++seen.exits == 1) seen.log_end = log_end;
    seen.exit_code = exit_code;
  });
}

void ExitWatch::NotifyRemoved(const std::string& id, const std::string& error) {
  TellAll(id, [&](Seen& seen) {
    seen.removed = true;
    seen.error = error;
  });
}

}  // namespace tug::runtimed
