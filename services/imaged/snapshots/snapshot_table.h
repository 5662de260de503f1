// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "lib/files/trash.h"
#include "lib/sys/unique_fd.h"
#include "services/imaged/images/lease_usage.h"
#include "services/imaged/stacks/layer_stack.h"

namespace tug::imaged {

// The writable layers: directories `s/<number>` with `u` (upper), `w` (work)
// and a symbolic link `lease` whose target is "<lease> <image> <manifest>".
// The link is the record: it is made in the same transaction of the file
// system as the directories, so neither exists without the other after a
// crash, and nothing has to be synced.
//
// Thread-safe; reads answer from memory. Borrows the trash.
class SnapshotTable final : public LeaseUsage {
 public:
  struct Snapshot {
    Use use;
    uint64_t number = 0;
  };

  // Restores the leases of an earlier run and throws half-made ones away.
  static absl::StatusOr<std::unique_ptr<SnapshotTable>> Open(int state,
                                                             Trash& trash);

  // NOT_FOUND (LEASE_UNKNOWN).
  absl::StatusOr<Snapshot> Find(const std::string& lease) const;

  // Makes directories and record; a second caller with the same lease waits
  // for the first. ALREADY_EXISTS (LEASE_TAKEN) when the lease is on another
  // image, INVALID_ARGUMENT for a malformed key.
  absl::StatusOr<Snapshot> Create(const Use& use, const RootAttributes& root);

  // Renames the content aside. Of an absent lease: no effect.
  absl::Status Release(const std::string& lease);

  std::vector<Use> Uses() const override;

 private:
  SnapshotTable(UniqueFd directory, Trash& trash)
      : directory_(std::move(directory)), trash_(trash) {}
  absl::Status Load();
  absl::Status Restore(const std::string& name);
  absl::StatusOr<Snapshot> Reserve(const Use& use, bool& existing);
  absl::Status MakeDirectories(const Snapshot& snapshot,
                               const RootAttributes& root);

  const UniqueFd directory_;
  Trash& trash_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Snapshot> snapshots_ ABSL_GUARDED_BY(mutex_);
  // Leases whose directories are being made or moved.
  std::set<std::string> busy_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_number_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace tug::imaged
