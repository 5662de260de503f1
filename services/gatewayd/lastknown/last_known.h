// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "lib/base/byte_budget.h"
#include "services/gatewayd/peers/call_deadline.h"

namespace tug::gatewayd {

// What has changed for so long without an answer to what it is now, is known to
// nobody: its service hangs.
inline constexpr absl::Duration kOverdue = absl::Seconds(1);
// Changes that come together are read together.
inline constexpr absl::Duration kChangePause = absl::Milliseconds(50);
// How long a service is waited for, and before it is asked again.
inline constexpr absl::Duration kReadLimit = absl::Seconds(2);
inline constexpr absl::Duration kReadAgain = absl::Milliseconds(500);

// The objects of one kind as their service last told them, so that reads are
// answered while it hangs. Events say what has changed; a thread reads that
// again, and keeps the rest. As long as nothing has changed that it has not
// read again, what it knows is as good as the service's own answer.
//
// Beyond kKept nothing is known, and reads wait. Thread-safe.
template <typename Object>
class LastKnown {
 public:
  static constexpr Bounds kKept = {.count = 20'000, .bytes = 16 << 20};

  // How the objects are read, keyed as events name them. ReadOne: NOT_FOUND for
  // one that is not there.
  using Objects = std::map<std::string, Object>;
  using ReadAll = std::function<absl::StatusOr<Objects>()>;
  using ReadOne = std::function<absl::StatusOr<Object>(const std::string& key)>;

  // One that knows nothing, for tests.
  LastKnown() = default;
  LastKnown(ReadAll read_all, ReadOne read_one)
      : read_all_(std::move(read_all)),
        read_one_(std::move(read_one)),
        thread_([this] { Run(); }) {}
  ~LastKnown() {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    if (thread_.joinable()) thread_.join();
  }
  LastKnown(const LastKnown&) = delete;
  LastKnown& operator=(const LastKnown&) = delete;

  void TellChanged(const std::string& key) {
    absl::MutexLock lock(&mutex_);
    changed_.emplace(key, absl::Now());
  }
  void TellAllChanged() {
    absl::MutexLock lock(&mutex_);
    if (!all_changed_.has_value()) all_changed_ = absl::Now();
  }

  // Every object; nothing while that is not known.
  std::optional<std::vector<Object>> All() const {
    absl::MutexLock lock(&mutex_);
    if (!Usable()) return std::nullopt;
    std::vector<Object> objects;
    for (const auto& [key, object] : objects_) objects.push_back(object);
    return objects;
  }

 private:
  bool Usable() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const absl::Time overdue = absl::Now() - kOverdue;
    if (!known_ || (all_changed_.has_value() && *all_changed_ > overdue)) {
      return false;
    }
    const auto is_new = [&](const auto& one) { return one.second > overdue; };
    return absl::c_none_of(changed_, is_new) &&
           absl::c_none_of(being_read_, is_new);
  }

  void Run() {
    for (;;) {
      bool all = false;
      {
        absl::MutexLock lock(&mutex_);
        const auto work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
          return stopping_ || all_changed_.has_value() || !changed_.empty();
        };
        mutex_.Await(absl::Condition(&work));
        if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_),
                                    kChangePause)) {
          return;
        }
        all = all_changed_.has_value();
        // What changes while it is read is read once more.
        being_read_ = std::exchange(changed_, {});
        if (all) being_read_[""] = *std::exchange(all_changed_, std::nullopt);
      }
      if (Refresh(all)) continue;
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kReadAgain);
    }
  }

  // False if the service has not answered; then all is still to be read.
  bool Refresh(bool all) {
    const ScopedCallDeadline limit(absl::Now() + kReadLimit);
    if (all) {
      absl::StatusOr<Objects> objects = read_all_();
      absl::MutexLock lock(&mutex_);
      if (!objects.ok()) return GiveBack();
      Replace(*std::move(objects));
      being_read_.clear();
      return true;
    }
    for (;;) {
      std::string key;
      {
        absl::MutexLock lock(&mutex_);
        if (being_read_.empty()) return true;
        key = being_read_.begin()->first;
      }
      absl::StatusOr<Object> object = read_one_(key);
      absl::MutexLock lock(&mutex_);
      if (!object.ok() && !absl::IsNotFound(object.status())) {
        return GiveBack();
      }
      Put(key, std::move(object));
      being_read_.erase(key);
    }
  }

  bool GiveBack() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (const auto& [key, since] : being_read_) {
      if (key.empty()) {
        all_changed_ = since;
      } else {
        changed_[key] = since;
      }
    }
    being_read_.clear();
    return false;
  }

  void Replace(Objects objects) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    ByteBudget budget(kKept);
    known_ = true;
    for (const auto& [key, object] : objects) {
      known_ = known_ && budget.TryTake(object.SpaceUsedLong());
    }
    budget_ = budget;
    objects_ = known_ ? std::move(objects) : Objects();
  }

  void Put(const std::string& key, absl::StatusOr<Object> object)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!known_) return;
    const auto found = objects_.find(key);
    if (found != objects_.end()) {
      budget_.Give(found->second.SpaceUsedLong());
      objects_.erase(found);
    }
    if (!object.ok()) return;
    if (budget_.TryTake(object->SpaceUsedLong())) {
      objects_.emplace(key, *std::move(object));
    } else {
      objects_.clear();
      budget_ = ByteBudget(kKept);
      known_ = false;
    }
  }

  const ReadAll read_all_;
  const ReadOne read_one_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool known_ ABSL_GUARDED_BY(mutex_) = false;
  Objects objects_ ABSL_GUARDED_BY(mutex_);
  ByteBudget budget_ ABSL_GUARDED_BY(mutex_){kKept};
  // What is to be read, and is being read, with the time of the first change;
  // an empty key among those being read stands for all.
  std::optional<absl::Time> all_changed_ ABSL_GUARDED_BY(mutex_) = absl::Now();
  std::map<std::string, absl::Time> changed_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, absl::Time> being_read_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace tug::gatewayd
