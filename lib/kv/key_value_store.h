// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::kv {

// Whether a write has reached the disk when it returns.
enum class Durability {
  kSynced,    // fsync before returning: what cannot be found out again.
  kUnsynced,  // may be lost with the machine, not with the process.
};

// Puts and deletes that become visible together or not at all.
class WriteBatch {
 public:
  void Put(absl::string_view key, absl::string_view value) {
    operations_.push_back({std::string(key), std::string(value), true});
  }
  void Delete(absl::string_view key) {
    operations_.push_back({std::string(key), std::string(), false});
  }

  struct Operation {
    std::string key;
    std::string value;
    bool put;  // Otherwise a delete.
  };
  const std::vector<Operation>& operations() const { return operations_; }

 private:
  std::vector<Operation> operations_;
};

// An ordered map of bytes on disk, owned by one process.
//
// Thread-safe. A write is atomic, also across kill -9.
class KeyValueStore {
 public:
  virtual ~KeyValueStore() = default;

  // NOT_FOUND if the key is absent.
  virtual absl::StatusOr<std::string> Get(absl::string_view key) = 0;

  virtual absl::Status Write(const WriteBatch& batch,
                             Durability durability) = 0;

  // Calls `visit` for each pair whose key begins with `prefix`, in key order,
  // on one consistent snapshot, until it returns false.
  virtual absl::Status Scan(
      absl::string_view prefix,
      const std::function<bool(absl::string_view key, absl::string_view value)>&
          visit) = 0;

  // Gives back what replaced and deleted values below `prefix` still take, on
  // disk and in the time of a Scan: worth its cost after large ones only.
  // Blocks until it is done; reads and writes go on meanwhile.
  virtual absl::Status Compact(absl::string_view prefix) = 0;

  absl::Status Put(absl::string_view key, absl::string_view value,
                   Durability durability) {
    WriteBatch batch;
    batch.Put(key, value);
    return Write(batch, durability);
  }
  absl::Status Delete(absl::string_view key, Durability durability) {
    WriteBatch batch;
    batch.Delete(key);
    return Write(batch, durability);
  }
};

}  // namespace tug::kv
