// SPDX-License-Identifier: Apache-2.0
#include "services/netd/background/worker.h"

#include <utility>

#include "absl/time/clock.h"

namespace tug::netd {

Worker::Worker() : thread_([this] { Run(); }) {}

Worker::~Worker() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Worker::Add(std::function<void()> job) {
  {
    absl::MutexLock lock(&mutex_);
    if (jobs_.size() < kMaxQueued) {
      jobs_.push_back(std::move(job));
      return;
    }
  }
  job();
}

void Worker::AddLater(absl::Duration delay, std::function<void()> job) {
  absl::MutexLock lock(&mutex_);
  if (later_.size() >= kMaxQueued) return;
  later_.emplace(absl::Now() + delay, std::move(job));
}

void Worker::Drain() {
  absl::MutexLock lock(&mutex_);
  const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return jobs_.empty() && !busy_;
  };
  mutex_.Await(absl::Condition(&idle));
}

void Worker::Run() {
  absl::MutexLock lock(&mutex_);
  for (;;) {
    const size_t seen = later_.size();
    const auto due = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return !jobs_.empty() || stopping_ || later_.size() != seen;
    };
    const absl::Time wake =
        later_.empty() ? absl::InfiniteFuture() : later_.begin()->first;
    mutex_.AwaitWithDeadline(absl::Condition(&due), wake);
    while (!later_.empty() && later_.begin()->first <= absl::Now()) {
      jobs_.push_back(std::move(later_.begin()->second));
      later_.erase(later_.begin());
    }
    if (jobs_.empty()) {
      if (stopping_) return;
      continue;
    }
    std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    busy_ = true;
    mutex_.Unlock();
    job();
    job = nullptr;
    mutex_.Lock();
    busy_ = false;
  }
}

}  // namespace tug::netd
