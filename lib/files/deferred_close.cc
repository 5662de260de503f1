// SPDX-License-Identifier: Apache-2.0
#include "lib/files/deferred_close.h"

#include <utility>

namespace tug {

DeferredClose::DeferredClose() {
  for (size_t i = 0; i < kThreads; ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

DeferredClose::~DeferredClose() {
  Flush();
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void DeferredClose::Close(UniqueFd fd) {
  if (!fd) return;
  filling_.push_back(std::move(fd));
  if (filling_.size() >= kBatch) Flush();
}

void DeferredClose::Flush() {
  if (filling_.empty()) return;
  absl::MutexLock lock(&mutex_);
  const auto room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return waiting_.size() < kMaxBatches;
  };
  mutex_.Await(absl::Condition(&room));
  waiting_.push_back(std::move(filling_));
  filling_ = Batch();
}

void DeferredClose::Run() {
  while (true) {
    Batch batch;
    {
      absl::MutexLock lock(&mutex_);
      const auto woken = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return ending_ || !waiting_.empty();
      };
      mutex_.Await(absl::Condition(&woken));
      if (waiting_.empty()) return;
      batch = std::move(waiting_.front());
      waiting_.pop_front();
    }
    batch.clear();  // Closes them, without the lock.
  }
}

}  // namespace tug
