// SPDX-License-Identifier: Apache-2.0
#include "services/netd/background/worker.h"

#include <utility>

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
    const auto due = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return !jobs_.empty() || stopping_;
    };
    mutex_.Await(absl::Condition(&due));
    if (jobs_.empty()) return;
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
