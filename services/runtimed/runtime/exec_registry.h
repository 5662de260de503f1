// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/kv/key_value_store.h"
#include "proto/tug/runtime/v1/container.pb.h"

namespace tug::runtimed {

// Every exec that is still known. Stored without fsync: an exec is worth as
// much as its container's process, which a power cut ends too.
//
// Thread-safe.
class ExecRegistry {
 public:
  // Most execs kept of one container, ended ones included.
  static constexpr size_t kMaxPerContainer = 4096;

  // `store` must outlive the registry.
  explicit ExecRegistry(kv::KeyValueStore& store);

  // Reads what an earlier run has stored; called once.
  absl::Status Load();

  // RESOURCE_EXHAUSTED when the container has too many.
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
  absl::Status Write(const runtime::v1::Exec& exec);

  kv::KeyValueStore& store_;
  mutable absl::Mutex mutex_;
  std::map<std::string, runtime::v1::Exec, std::less<>> execs_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<std::string>, std::less<>> of_container_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::runtimed
