// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/base/byte_budget.h"
#include "lib/kv/key_value_store.h"
#include "proto/tug/runtime/v1/container.pb.h"

namespace tug::runtimed {

// Every exec that is still known. Stored without fsync: an exec is worth as
// much as its container's process, which a power cut ends too.
//
// Thread-safe.
class ExecRegistry {
 public:
  // Execs kept of one container, and of all, ended ones included. Their command
  // and environment are sized by whoever makes them, be it a health check that
  // an image brings.
  static constexpr Bounds kOfContainer = {.count = 4096, .bytes = 8 << 20};
  static constexpr Bounds kOfAll = {.count = 65536, .bytes = 64 << 20};

  // `store` must outlive the registry.
  explicit ExecRegistry(kv::KeyValueStore& store);

  // Reads what an earlier run has stored; called once.
  absl::Status Load();

  // Makes room by forgetting the container's execs that have ended, the oldest
  // first. RESOURCE_EXHAUSTED when that is not enough.
  absl::Status Add(const runtime::v1::Exec& exec);

  // NOT_FOUND (EXEC_UNKNOWN).
  absl::StatusOr<runtime::v1::Exec> Get(absl::string_view id) const;

  // By full id or unique prefix.
  absl::StatusOr<runtime::v1::Exec> Resolve(absl::string_view reference) const;

  // Applies `change` and stores; when it fails, nothing happens.
  absl::StatusOr<runtime::v1::Exec> Update(
      absl::string_view id,
      absl::FunctionRef<absl::Status(runtime::v1::Exec&)> change);

  // Waits until the exec has ended, is forgotten, or the deadline.
  absl::StatusOr<runtime::v1::Exec> AwaitEnd(absl::string_view id,
                                             absl::Time deadline) const;

  // Ids of one container's execs.
  std::vector<std::string> IdsOf(absl::string_view container_id) const;

  void Forget(absl::string_view id);

 private:
  struct Known {
    runtime::v1::Exec exec;
    size_t bytes;  // As it was added.
  };
  struct OfContainer {
    std::vector<std::string> ids;  // Oldest first.
    ByteBudget budget{kOfContainer};
  };

  absl::Status Write(const runtime::v1::Exec& exec);
  void Insert(const runtime::v1::Exec& exec)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // False if it is not known.
  bool Erase(absl::string_view id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Erases ended execs until one of `bytes` fits, and adds their ids to
  // `erased`; false if it cannot.
  bool MakeRoom(const std::string& container_id, size_t bytes,
                std::vector<std::string>& erased)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Delete(absl::string_view id);

  kv::KeyValueStore& store_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Known, std::less<>> execs_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, OfContainer, std::less<>> of_container_
      ABSL_GUARDED_BY(mutex_);
  ByteBudget all_ ABSL_GUARDED_BY(mutex_){kOfAll};
};

}  // namespace tug::runtimed
