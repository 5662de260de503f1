// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/container_locks.h"

namespace tug::gatewayd {

ContainerLocks::Lock ContainerLocks::Acquire(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  // Counted before the wait, so that the entry stays where it is.
  Entry& entry = entries_[id];
  ++entry.users;
  const auto is_free = [&entry] { return !entry.held; };
  mutex_.Await(absl::Condition(&is_free));
  entry.held = true;
  return Lock(this, id);
}

std::optional<ContainerLocks::Lock> ContainerLocks::TryAcquire(
    const std::string& id) {
  absl::MutexLock lock(&mutex_);
  Entry& entry = entries_[id];
  if (entry.held || entry.users > 0) return std::nullopt;
  entry.held = true;
  ++entry.users;
  return Lock(this, id);
}

void ContainerLocks::Release(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(id);
  found->second.held = false;
  if (--found->second.users == 0) entries_.erase(found);
}

}  // namespace tug::gatewayd
