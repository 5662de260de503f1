// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/runtime/exec_registry.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/containers/record.h"

namespace tug::runtimed {
namespace {

using runtime::v1::Exec;

constexpr absl::string_view kPrefix = "e/";

std::string KeyOf(absl::string_view id) { return absl::StrCat(kPrefix, id); }

absl::Status Unknown(absl::string_view id) {
  return WithReason(
      absl::NotFoundError(absl::StrCat("No such exec instance: ", id)),
      "EXEC_UNKNOWN");
}

}  // namespace

ExecRegistry::ExecRegistry(kv::KeyValueStore& store) : store_(store) {}

absl::Status ExecRegistry::Load() {
  absl::MutexLock lock(&mutex_);
  return store_.Scan(kPrefix, [&](absl::string_view key,
                                  absl::string_view value) {
    mutex_.AssertHeld();
    ExecRecord record;
    if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      LogError("skipped an exec that cannot be read", {{"key", key}});
      return true;
    }
    Insert(record.exec());
    return true;
  });
}

absl::Status ExecRegistry::Write(const Exec& exec) {
  ExecRecord record;
  *record.mutable_exec() = exec;
  return store_.Put(KeyOf(exec.id()), record.SerializeAsString(),
                    kv::Durability::kUnsynced);
}

void ExecRegistry::Insert(const Exec& exec) {
  const size_t bytes = exec.SpaceUsedLong();
  OfContainer& mine = of_container_[exec.container_id()];
  mine.ids.push_back(exec.id());
  mine.budget.Take(bytes);
  all_.Take(bytes);
  execs_[exec.id()] = {exec, bytes};
}

bool ExecRegistry::Erase(absl::string_view id) {
  const auto found = execs_.find(id);
  if (found == execs_.end()) return false;
  const auto mine = of_container_.find(found->second.exec.container_id());
  mine->second.budget.Give(found->second.bytes);
  all_.Give(found->second.bytes);
  std::vector<std::string>& ids = mine->second.ids;
  ids.erase(std::remove(ids.begin(), ids.end(), id), ids.end());
  if (ids.empty()) of_container_.erase(mine);
  execs_.erase(found);
  return true;
}

bool ExecRegistry::MakeRoom(const std::string& container_id, size_t bytes,
                            std::vector<std::string>& erased) {
  for (;;) {
    const auto mine = of_container_.find(container_id);
    const bool first = mine == of_container_.end();
    if ((first || mine->second.budget.Fits(bytes)) && all_.Fits(bytes)) {
      return bytes <= kOfContainer.bytes;
    }
    if (first) return false;
    const std::vector<std::string>& ids = mine->second.ids;
    const auto ended =
        std::find_if(ids.begin(), ids.end(), [&](const std::string& id) {
          mutex_.AssertHeld();
          return execs_.find(id)->second.exec.has_exit_code();
        });
    if (ended == ids.end()) return false;
    erased.push_back(*ended);
    Erase(erased.back());
  }
}

absl::Status ExecRegistry::Add(const Exec& exec) {
  std::vector<std::string> erased;
  bool added = false;
  {
    absl::MutexLock lock(&mutex_);
    added = MakeRoom(exec.container_id(), exec.SpaceUsedLong(), erased);
    if (added) Insert(exec);
  }
  for (const std::string& id : erased) Delete(id);
  if (!added) {
    return absl::ResourceExhaustedError(
        "too many execs of this container, or too large ones, are still known");
  }
  const absl::Status written = Write(exec);
  if (!written.ok()) Forget(exec.id());
  return written;
}

absl::StatusOr<Exec> ExecRegistry::Get(absl::string_view id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = execs_.find(id);
  if (found == execs_.end()) return Unknown(id);
  return found->second.exec;
}

absl::StatusOr<Exec> ExecRegistry::Resolve(absl::string_view reference) const {
  absl::MutexLock lock(&mutex_);
  const auto first = execs_.lower_bound(reference);
  if (reference.empty() || first == execs_.end() ||
      !absl::StartsWith(first->first, reference)) {
    return Unknown(reference);
  }
  const auto second = std::next(first);
  const bool unique = first->first == reference || second == execs_.end() ||
                      !absl::StartsWith(second->first, reference);
  if (!unique) return Unknown(reference);
  return first->second.exec;
}

absl::StatusOr<Exec> ExecRegistry::Update(
    absl::string_view id, absl::FunctionRef<absl::Status(Exec&)> change) {
  Exec after;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = execs_.find(id);
    if (found == execs_.end()) return Unknown(id);
    after = found->second.exec;
    RETURN_IF_ERROR(change(after));
    found->second.exec = after;
  }
  LogIfError(Write(after), "store an exec");
  return after;
}

absl::StatusOr<Exec> ExecRegistry::AwaitEnd(absl::string_view id,
                                            absl::Time deadline) const {
  absl::MutexLock lock(&mutex_);
  const auto ended = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = execs_.find(id);
    return found == execs_.end() || found->second.exec.has_exit_code();
  };
  if (!mutex_.AwaitWithDeadline(absl::Condition(&ended), deadline)) {
    return absl::DeadlineExceededError("the exec still runs");
  }
  const auto found = execs_.find(id);
  if (found == execs_.end()) return Unknown(id);
  return found->second.exec;
}

std::vector<std::string> ExecRegistry::IdsOf(
    absl::string_view container_id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = of_container_.find(container_id);
  return found == of_container_.end() ? std::vector<std::string>()
                                      : found->second.ids;
}

void ExecRegistry::Forget(absl::string_view id) {
  {
    absl::MutexLock lock(&mutex_);
    if (!Erase(id)) return;
  }
  Delete(id);
}

void ExecRegistry::Delete(absl::string_view id) {
  LogIfError(store_.Delete(KeyOf(id), kv::Durability::kUnsynced),
             "forget an exec");
}

}  // namespace tug::runtimed
