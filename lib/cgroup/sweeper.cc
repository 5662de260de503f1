// SPDX-License-Identifier: Apache-2.0
#include "lib/cgroup/sweeper.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "lib/base/log.h"

namespace tug::cgroup {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(5);
constexpr absl::Duration kLongestPause = absl::Seconds(10);

}  // namespace

CgroupSweeper::CgroupSweeper(CgroupTree& tree)
    : tree_(tree), thread_([this] { Run(); }) {}

CgroupSweeper::~CgroupSweeper() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
  for (const Entry& entry : entries_) {
    LogIfError(tree_.Remove(entry.path), "remove a cgroup at shutdown");
  }
}

void CgroupSweeper::Sweep(std::string path) {
  absl::MutexLock lock(&mutex_);
  entries_.push_back({std::move(path), absl::Now(), kFirstPause});
}

void CgroupSweeper::Forget(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  const auto free = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return current_ != path;
  };
  mutex_.Await(absl::Condition(&free));
  std::erase_if(entries_,
                [&](const Entry& entry) { return entry.path == path; });
}

bool CgroupSweeper::idle() {
  absl::MutexLock lock(&mutex_);
  return entries_.empty() && current_.empty();
}

bool CgroupSweeper::TryRemove(const std::string& path) {
  if (tree_.Remove(path).ok()) return true;
  const auto group = tree_.Open(path);
  if (group.ok()) LogIfError((*group)->Kill(), "kill leftovers of a cgroup");
  return tree_.Remove(path).ok();
}

void CgroupSweeper::Run() {
  absl::MutexLock lock(&mutex_);
  while (!stopping_) {
    absl::Time next = absl::InfiniteFuture();
    for (const Entry& entry : entries_) next = std::min(next, entry.due);
    const size_t known = entries_.size();
    const auto changed = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return stopping_ || entries_.size() != known;
    };
    if (next > absl::Now()) {
      mutex_.AwaitWithDeadline(absl::Condition(&changed), next);
      continue;
    }
    const auto due =
        std::find_if(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.due == next; });
    Entry entry = std::move(*due);
    entries_.erase(due);
    current_ = entry.path;
    mutex_.Unlock();
    const bool removed = TryRemove(entry.path);
    mutex_.Lock();
    current_.clear();
    if (removed) continue;
    entry.pause = std::min(2 * entry.pause, kLongestPause);
    entry.due = absl::Now() + entry.pause;
    entries_.push_back(std::move(entry));
  }
}

}  // namespace tug::cgroup
