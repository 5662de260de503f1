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
    const Exec& exec = record.exec();
    of_container_[exec.container_id()].push_back(exec.id());
    execs_[exec.id()] = exec;
    return true;
  });
}

absl::Status ExecRegistry::Write(const Exec& exec) {
  ExecRecord record;
  *record.mutable_exec() = exec;
  return store_.Put(KeyOf(exec.id()), record.SerializeAsString(),
                    kv::Durability::kUnsynced);
}

absl::Status ExecRegistry::Add(const Exec& exec) {
  {
    absl::MutexLock lock(&mutex_);
    std::vector<std::string>& ids = of_container_[exec.container_id()];
    if (ids.size() >= kMaxPerContainer) {
      return absl::ResourceExhaustedError(
          "too many execs of this container are still known");
    }
    ids.push_back(exec.id());
    execs_[exec.id()] = exec;
  }
  const absl::Status written = Write(exec);
  if (!written.ok()) Forget(exec.id());
  return written;
}

absl::StatusOr<Exec> ExecRegistry::Get(absl::string_view id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = execs_.find(id);
  if (found == execs_.end()) return Unknown(id);
  return found->second;
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
  return first->second;
}

absl::StatusOr<Exec> ExecRegistry::Update(
    absl::string_view id, absl::FunctionRef<absl::Status(Exec&)> change) {
  Exec after;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = execs_.find(id);
    if (found == execs_.end()) return Unknown(id);
    after = found->second;
    RETURN_IF_ERROR(change(after));
    found->second = after;
  }
  LogIfError(Write(after), "store an exec");
  return after;
}

absl::StatusOr<Exec> ExecRegistry::AwaitEnd(absl::string_view id,
                                            absl::Time deadline) const {
  absl::MutexLock lock(&mutex_);
  const auto ended = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = execs_.find(id);
    return found == execs_.end() || found->second.has_exit_code();
  };
  if (!mutex_.AwaitWithDeadline(absl::Condition(&ended), deadline)) {
    return absl::DeadlineExceededError("the exec still runs");
  }
  const auto found = execs_.find(id);
  if (found == execs_.end()) return Unknown(id);
  return found->second;
}

std::vector<std::string> ExecRegistry::IdsOf(
    absl::string_view container_id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = of_container_.find(container_id);
  return found == of_container_.end() ? std::vector<std::string>()
                                      : found->second;
}

void ExecRegistry::Forget(absl::string_view id) {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = execs_.find(id);
    if (found == execs_.end()) return;
    const std::string container = found->second.container_id();
    execs_.erase(found);
    std::vector<std::string>& ids = of_container_[container];
    ids.erase(std::remove(ids.begin(), ids.end(), id), ids.end());
    if (ids.empty()) of_container_.erase(container);
  }
  LogIfError(store_.Delete(KeyOf(id), kv::Durability::kUnsynced),
             "forget an exec");
}

}  // namespace tug::runtimed
