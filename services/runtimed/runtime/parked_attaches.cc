// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/runtime/parked_attaches.h"

#include <poll.h>

namespace tug::runtimed {
namespace {

// A client that has gone makes room.
bool HasLeft(const ParkedAttaches::Attach& attach) {
  pollfd state = {attach.socket.get(), 0, 0};
  return poll(&state, 1, 0) == 1 && (state.revents & POLLHUP) != 0;
}

}  // namespace

absl::Status ParkedAttaches::Park(const std::string& id, Attach attach) {
  absl::MutexLock lock(&mutex_);
  std::vector<Attach>& waiting = parked_[id];
  std::erase_if(waiting, HasLeft);
  if (waiting.size() >= kMaxPerContainer) {
    return absl::ResourceExhaustedError(
        "too many clients wait for the start of this container");
  }
  waiting.push_back(std::move(attach));
  return absl::OkStatus();
}

std::vector<ParkedAttaches::Attach> ParkedAttaches::Take(
    const std::string& id) {
  absl::MutexLock lock(&mutex_);
  const auto found = parked_.find(id);
  if (found == parked_.end()) return {};
  std::vector<Attach> waiting = std::move(found->second);
  parked_.erase(found);
  return waiting;
}

}  // namespace tug::runtimed
