// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/kv/key_value_store.h"
#include "proto/tug/network/v1/network.pb.h"
#include "services/netd/sandboxes/live_sandbox.h"

namespace tug::netd {

class SandboxClaim;

// Every sandbox, by lease. Readers get copies; whoever changes one claims it
// first, so that operations on one sandbox follow each other while those on
// others go on.
//
// Thread-safe. Reads never wait for an operation or the disk.
class SandboxCatalog {
 public:
  // Longest wait for the operation before.
  static constexpr absl::Duration kPatience = absl::Seconds(60);
  static constexpr size_t kMaxSandboxes = 65536;

  explicit SandboxCatalog(kv::KeyValueStore& store) : store_(store) {}

  // Reads the records; once, before anything else.
  absl::Status Load();

  // NOT_FOUND (LEASE_UNKNOWN).
  absl::StatusOr<network::v1::Sandbox> Find(absl::string_view lease) const;
  // Visits those after `after`, in order, until `visit` refuses one. It must
  // not block: the catalog is locked.
  void List(absl::string_view after,
            absl::FunctionRef<bool(const network::v1::Sandbox&)> visit) const;
  // Leases that name this network, attached or not.
  std::map<std::string, std::vector<std::string>> LeasesByNetwork() const;
  // Attached sandboxes with a legacy link to `lease`.
  std::vector<std::string> LinkedTo(absl::string_view lease) const;

  // NOT_FOUND (LEASE_UNKNOWN), ABORTED (SANDBOX_BUSY).
  absl::StatusOr<SandboxClaim> Claim(absl::string_view lease);
  // The same, making an empty one that stays only if it is published.
  absl::StatusOr<SandboxClaim> ClaimOrMake(absl::string_view lease);

 private:
  friend class SandboxClaim;
  struct Entry {
    network::v1::Sandbox view;
    std::unique_ptr<LiveSandbox> live;
    bool claimed = true;
    // Whether readers see it.
    bool published = false;
  };
  absl::StatusOr<SandboxClaim> ClaimEntry(absl::string_view lease, bool make);
  void Release(const std::string& lease);

  kv::KeyValueStore& store_;
  mutable absl::Mutex mutex_;
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> entries_
      ABSL_GUARDED_BY(mutex_);
};

// The right to change one sandbox; ends with the object.
class SandboxClaim {
 public:
  SandboxClaim(SandboxClaim&& other) noexcept;
  SandboxClaim& operator=(SandboxClaim&&) = delete;
  ~SandboxClaim();

  const std::string& lease() const { return lease_; }
  // A working copy.
  network::v1::Sandbox& sandbox() { return sandbox_; }
  // Null while detached.
  std::unique_ptr<LiveSandbox>& live() { return entry_->live; }
  bool is_new() const { return is_new_; }

  // Shows the working copy to readers.
  void Publish();
  // Writes what was asked for (not what came of it), without fsync.
  absl::Status Save() const;
  // Deletes the record; the sandbox is gone when the claim ends.
  absl::Status Erase();

 private:
  friend class SandboxCatalog;
  SandboxClaim(SandboxCatalog& catalog, std::string lease,
               SandboxCatalog::Entry* entry, bool is_new)
      : catalog_(&catalog),
        lease_(std::move(lease)),
        entry_(entry),
        is_new_(is_new) {}

  SandboxCatalog* catalog_;
  std::string lease_;
  SandboxCatalog::Entry* entry_;
  network::v1::Sandbox sandbox_;
  bool is_new_;
};

}  // namespace tug::netd
