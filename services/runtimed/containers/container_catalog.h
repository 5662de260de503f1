// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "lib/kv/key_value_store.h"
#include "services/runtimed/containers/record.h"

namespace tug::runtimed {

// Whether a change of a record is only remembered, written, or synced.
enum class Persist { kMemory, kUnsynced, kSynced };

// Every container record: a memory snapshot that answers all reads, over a
// store that is written outside its lock.
//
// Thread-safe. Changes of one record are applied one after the other; whether
// a change is allowed is for the caller to know, who holds the container's
// operation lock.
class ContainerCatalog {
 public:
  // `store` must outlive the catalog.
  explicit ContainerCatalog(kv::KeyValueStore& store);

  // Reads all stored records; called once, before anything else.
  absl::Status Load();

  // Adds a record in memory only. An empty name is replaced by a generated
  // one. A repetition (same id and request id) answers the first record.
  // ALREADY_EXISTS (CONTAINER_NAME_TAKEN, CONTAINER_ID_TAKEN).
  absl::StatusOr<RecordPtr> Reserve(ContainerRecord record);

  // By full id. NOT_FOUND (CONTAINER_UNKNOWN).
  absl::StatusOr<RecordPtr> Get(absl::string_view id) const;

  // By full id, name, or unique id prefix. INVALID_ARGUMENT
  // (CONTAINER_AMBIGUOUS).
  absl::StatusOr<RecordPtr> Resolve(absl::string_view reference) const;

  // Newest first, those after the position (creation time in nanoseconds, id)
  // if one is given. Records are shared, not copied.
  using Position = std::pair<int64_t, std::string>;
  std::vector<RecordPtr> List(const Position* after) const;
  static Position PositionOf(const ContainerRecord& record);

  // Copies the record, applies `change`, persists, then publishes. When
  // `change` fails, or the write, nothing happens.
  absl::StatusOr<RecordPtr> Update(
      absl::string_view id, Persist persist,
      absl::FunctionRef<absl::Status(ContainerRecord&)> change);

  // The same, and moves the name index. ALREADY_EXISTS (CONTAINER_NAME_TAKEN).
  absl::StatusOr<RecordPtr> Rename(absl::string_view id,
                                   const std::string& name);

  // Forgets the record; absent: OK.
  absl::Status Remove(absl::string_view id, Persist persist);

 private:
  static constexpr size_t kStripes = 64;

  absl::Mutex& StripeOf(absl::string_view id);
  void Publish(RecordPtr record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Write(const ContainerRecord& record, Persist persist);

  kv::KeyValueStore& store_;
  // Each orders the changes of the records it stands for, across the write.
  std::array<absl::Mutex, kStripes> stripes_;
  mutable absl::Mutex mutex_;
  std::map<std::string, RecordPtr, std::less<>> by_id_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, std::string> id_of_name_
      ABSL_GUARDED_BY(mutex_);
  // Keys are {-created, id}.
  std::map<Position, std::string> newest_first_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::runtimed
