// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/container_locks.h"

#include "absl/strings/str_cat.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {

absl::StatusOr<ContainerLocks::Lock> ContainerLocks::Acquire(
    const std::string& id, Cancellation* client_gone, absl::Duration patience) {
  bool gone = false;
  const ScopedCancelCallback leave(client_gone, [this, &gone] {
    absl::MutexLock lock(&mutex_);
    gone = true;
  });
  absl::MutexLock lock(&mutex_);
  // Counted before the wait, so that the entry stays where it is.
  Entry& entry = entries_[id];
  ++entry.users;
  const auto decided = [&entry, &gone] { return !entry.held || gone; };
  mutex_.AwaitWithTimeout(absl::Condition(&decided), patience);
  if (entry.held) {
    --entry.users;  // The holder counts: the entry stays.
    if (gone) {
      return absl::CancelledError(
          absl::StrCat("the client left while container ", id, " was busy"));
    }
    return DockerError(
        503, absl::StrCat("container ", id,
                          " is busy: another operation on it (create, start, "
                          "restart, remove, connect) has not ended in ",
                          absl::FormatDuration(patience), "; try again"));
  }
  entry.held = true;
  return Lock(this, id, /*held=*/true);
}

std::optional<ContainerLocks::Lock> ContainerLocks::TryAcquire(
    const std::string& id) {
  absl::MutexLock lock(&mutex_);
  Entry& entry = entries_[id];
  if (entry.held || entry.users > 0) return std::nullopt;
  entry.held = true;
  ++entry.users;
  return Lock(this, id, /*held=*/true);
}

ContainerLocks::Lock ContainerLocks::Announce(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  ++entries_[id].users;
  return Lock(this, id, /*held=*/false);
}

void ContainerLocks::Release(const std::string& id, bool held) {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(id);
  if (held) found->second.held = false;
  if (--found->second.users == 0) entries_.erase(found);
}

}  // namespace tug::gatewayd
