// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shims/live_table.h"

#include <fcntl.h>

namespace tug::runtimed {

void LiveTable::Put(std::shared_ptr<const LiveContainer> live) {
  absl::MutexLock lock(&mutex_);
  expected_.erase(live->id);
  const std::string id = live->id;
  live_[id] = std::move(live);
}

void LiveTable::Expect(absl::string_view id) {
  absl::MutexLock lock(&mutex_);
  expected_.insert(std::string(id));
}

void LiveTable::ExpectNoMore(absl::string_view id) {
  absl::MutexLock lock(&mutex_);
  expected_.erase(id);
}

std::shared_ptr<const LiveContainer> LiveTable::Find(
    absl::string_view id) const {
  absl::MutexLock lock(&mutex_);
  const auto known = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !expected_.contains(id);
  };
  mutex_.AwaitWithTimeout(absl::Condition(&known), kLongestWait);
  const auto found = live_.find(id);
  return found == live_.end() ? nullptr : found->second;
}

void LiveTable::Erase(absl::string_view id, int64_t start_number) {
  std::shared_ptr<const LiveContainer> last;  // Destroyed without the lock.
  absl::MutexLock lock(&mutex_);
  const auto found = live_.find(id);
  if (found == live_.end()) return;
  if (found->second->start_number != start_number) return;
  last = std::move(found->second);
  live_.erase(found);
}

std::vector<std::shared_ptr<const LiveContainer>> LiveTable::All() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::shared_ptr<const LiveContainer>> all;
  for (const auto& [id, live] : live_) all.push_back(live);
  return all;
}

void LiveTable::KeepNetwork(absl::string_view id, UniqueFd fd) {
  UniqueFd last;  // Closing may tear a namespace down: not under the lock.
  absl::MutexLock lock(&mutex_);
  UniqueFd& kept = networks_[id];
  last = std::move(kept);
  kept = std::move(fd);
}

UniqueFd LiveTable::CopyNetwork(absl::string_view id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = networks_.find(id);
  if (found == networks_.end()) return UniqueFd();
  return UniqueFd(fcntl(found->second.get(), F_DUPFD_CLOEXEC, 0));
}

void LiveTable::DropNetwork(absl::string_view id) {
  UniqueFd last;
  absl::MutexLock lock(&mutex_);
  const auto found = networks_.find(id);
  if (found == networks_.end()) return;
  last = std::move(found->second);
  networks_.erase(found);
}

}  // namespace tug::runtimed
