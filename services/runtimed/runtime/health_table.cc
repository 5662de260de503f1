// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/runtime/health_table.h"

#include "lib/base/thread.h"

namespace tug::runtimed {

bool HealthTable::Session::Pause(absl::Duration duration) {
  absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&ended_), duration);
}

bool HealthTable::Session::ended() {
  absl::MutexLock lock(&mutex_);
  return ended_;
}

void HealthTable::End(Session& session) {
  absl::MutexLock lock(&session.mutex_);
  session.ended_ = true;
}

HealthTable::~HealthTable() {
  absl::MutexLock lock(&mutex_);
  for (auto& [id, entry] : entries_) {
    if (entry.session != nullptr) End(*entry.session);
  }
  const auto none = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return threads_ == 0;
  };
  mutex_.Await(absl::Condition(&none));
}

absl::Status HealthTable::Start(const std::string& id,
                                std::function<void(Session&)> probe) {
  auto session = std::make_shared<Session>();
  {
    absl::MutexLock lock(&mutex_);
    if (threads_ >= kMaxProbes) {
      return absl::ResourceExhaustedError("too many containers are probed");
    }
    Entry& entry = entries_[id];
    if (entry.session != nullptr) End(*entry.session);
    entry.session = session;
    entry.health.Clear();
    entry.health.set_state("starting");
    ++threads_;
  }
  const absl::Status started =
      StartDetached([this, session, probe = std::move(probe)] {
        probe(*session);
        absl::MutexLock lock(&mutex_);
        --threads_;
      });
  if (started.ok()) return started;
  absl::MutexLock lock(&mutex_);
  --threads_;
  return started;
}

void HealthTable::Stop(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.session == nullptr) return;
  End(*found->second.session);
  found->second.session.reset();
}

void HealthTable::Forget(const std::string& id) {
  Stop(id);
  absl::MutexLock lock(&mutex_);
  entries_.erase(id);
}

std::optional<runtime::v1::Health> HealthTable::Get(
    const std::string& id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return std::nullopt;
  return found->second.health;
}

void HealthTable::Change(const std::string& id,
                         absl::FunctionRef<void(runtime::v1::Health&)> change) {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(id);
  if (found != entries_.end()) change(found->second.health);
}

}  // namespace tug::runtimed
