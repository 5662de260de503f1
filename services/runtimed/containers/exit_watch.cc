// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/containers/exit_watch.h"

#include <sys/eventfd.h>

namespace tug::runtimed {

ExitWatch::Watcher::Watcher(ExitWatch& owner, std::string id, int wake)
    : owner_(owner), id_(std::move(id)), wake_(wake) {
  absl::MutexLock lock(&owner_.mutex_);
  owner_.watchers_.emplace(id_, this);
}

ExitWatch::Watcher::~Watcher() {
  absl::MutexLock lock(&owner_.mutex_);
  auto [at, end] = owner_.watchers_.equal_range(id_);
  while (at != end && at->second != this) ++at;
  owner_.watchers_.erase(at);
}

void ExitWatch::Watcher::Wake() const {
  // An eventfd takes more wake-ups than anybody counts: it does not block.
  if (wake_ >= 0) eventfd_write(wake_, 1);
}

ExitWatch::Seen ExitWatch::Watcher::Now() const {
  absl::MutexLock lock(&owner_.mutex_);
  return seen_;
}

ExitWatch::Seen ExitWatch::Watcher::AwaitChange(const Seen& seen,
                                                absl::Time deadline) const {
  absl::MutexLock lock(&owner_.mutex_);
  const auto changed = [&] {
    return seen_.exits != seen.exits || seen_.removed != seen.removed;
  };
  owner_.mutex_.AwaitWithDeadline(absl::Condition(&changed), deadline);
  return seen_;
}

void ExitWatch::NotifyExit(const std::string& id, int exit_code, bool at_rest) {
  absl::MutexLock lock(&mutex_);
  auto [at, end] = watchers_.equal_range(id);
  for (; at != end; ++at) {
    Seen& seen = at->second->seen_;
    ++seen.exits;
    seen.exit_code = exit_code;
    seen.at_rest = at_rest;
    at->second->Wake();
  }
}

void ExitWatch::NotifyRemoved(const std::string& id, const std::string& error) {
  absl::MutexLock lock(&mutex_);
  auto [at, end] = watchers_.equal_range(id);
  for (; at != end; ++at) {
    at->second->seen_.removed = true;
    at->second->seen_.error = error;
    at->second->Wake();
  }
}

}  // namespace tug::runtimed
