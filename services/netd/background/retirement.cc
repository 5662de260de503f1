// SPDX-License-Identifier: Apache-2.0
#include "services/netd/background/retirement.h"

#include <utility>

namespace tug::netd {

void Retirement::Add(UniqueFd fd) {
  bool first = false;
  bool full = false;
  {
    absl::MutexLock lock(&mutex_);
    first = waiting_.empty();
    waiting_.push_back(std::move(fd));
    full = waiting_.size() == kMaxBatch;
  }
  if (full) {
    worker_.Add([this] { CloseAll(); });
  } else if (first) {
    worker_.AddLater(kWait, [this] { CloseAll(); });
  }
}

void Retirement::CloseAll() {
  Batch closing;  // Closed after the lock is gone.
  {
    absl::MutexLock lock(&mutex_);
    closing.swap(waiting_);
  }
}

}  // namespace tug::netd
