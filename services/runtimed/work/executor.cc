// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/work/executor.h"

#include "absl/time/clock.h"

namespace tug::runtimed {

Executor::Executor(int threads) {
  threads_.reserve(static_cast<size_t>(threads));
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

Executor::~Executor() { Stop(); }

void Executor::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    tasks_.clear();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

absl::Status Executor::Submit(std::function<void()> task) {
  return SubmitAt(absl::InfinitePast(), std::move(task));
}

absl::Status Executor::SubmitAt(absl::Time when, std::function<void()> task) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return absl::CancelledError("shutting down");
  if (tasks_.size() >= kMaxTasks) {
    return absl::ResourceExhaustedError("too many tasks wait");
  }
  tasks_.emplace(when, std::move(task));
  return absl::OkStatus();
}

void Executor::Run() {
  absl::MutexLock lock(&mutex_);
  while (!stopping_) {
    const absl::Time first =
        tasks_.empty() ? absl::InfiniteFuture() : tasks_.begin()->first;
    if (first > absl::Now()) {
      const auto earlier = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stopping_ || (!tasks_.empty() && tasks_.begin()->first < first);
      };
      mutex_.AwaitWithDeadline(absl::Condition(&earlier), first);
      continue;
    }
    const std::function<void()> task = std::move(tasks_.begin()->second);
    tasks_.erase(tasks_.begin());
    mutex_.Unlock();
    task();
    mutex_.Lock();
  }
}

}  // namespace tug::runtimed
