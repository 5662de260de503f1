// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/snapshots/snapshot_table.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/imaged/files/directory.h"

namespace tug::imaged {
namespace {

constexpr size_t kMaxLeaseSize = 128;
constexpr char kLink[] = "lease";

// Leases become part of a link's text: no spaces, nothing odd.
absl::Status CheckLease(const std::string& lease) {
  const bool fits =
      !lease.empty() && lease.size() <= kMaxLeaseSize &&
      std::all_of(lease.begin(), lease.end(), [](char c) {
        return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
      });
  if (fits) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("lease \"", absl::CHexEscape(lease.substr(0, 200)),
                   "\": need 1 to 128 letters, digits, \"_\", \".\" or \"-\""));
}

std::string LinkText(const LeaseUsage::Use& use) {
  return absl::StrCat(use.lease, " ", use.image.hex(), " ", use.manifest.hex());
}

absl::StatusOr<LeaseUsage::Use> ParseLink(absl::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ' ');
  if (parts.size() != 3) return absl::DataLossError("malformed lease link");
  LeaseUsage::Use use;
  use.lease = parts[0];
  RETURN_IF_ERROR(CheckLease(use.lease));
  ASSIGN_OR_RETURN(use.image, oci::Digest::FromHex(parts[1]));
  ASSIGN_OR_RETURN(use.manifest, oci::Digest::FromHex(parts[2]));
  return use;
}

absl::Status UnknownLease(const std::string& lease) {
  return WithReason(
      absl::NotFoundError(absl::StrCat("no snapshot for lease ", lease)),
      "LEASE_UNKNOWN");
}

absl::Status TakenLease(const LeaseUsage::Use& use) {
  return WithReason(
      absl::AlreadyExistsError(absl::StrCat(
          "lease ", use.lease, " is on image ", use.image.ToString())),
      "LEASE_TAKEN");
}

absl::Status Mkdir(int parent, const char* name, mode_t mode) {
  if (mkdirat(parent, name, mode) == 0 || errno == EEXIST) {
    return absl::OkStatus();
  }
  return ErrnoStatus(errno, absl::StrCat("make snapshot directory ", name));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SnapshotTable>> SnapshotTable::Open(
    int state, Trash& trash) {
  ASSIGN_OR_RETURN(UniqueFd directory, MakeDirectory(state, "s", 0700));
  std::unique_ptr<SnapshotTable> table(
      new SnapshotTable(std::move(directory), trash));
  RETURN_IF_ERROR(table->Load());
  return table;
}

absl::Status SnapshotTable::Load() {
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   ListNames(directory_.get()));
  for (const std::string& name : names) {
    const absl::Status status = Restore(name);
    if (status.ok()) continue;
    LogIfError(status, absl::StrCat("drop snapshot s/", name));
    RETURN_IF_ERROR(trash_.Throw(directory_.get(), name));
  }
  return absl::OkStatus();
}

absl::Status SnapshotTable::Restore(const std::string& name) {
  Snapshot snapshot;
  if (!absl::SimpleAtoi(name, &snapshot.number)) {
    return absl::DataLossError("not a number");
  }
  {
    absl::MutexLock lock(&mutex_);
    next_number_ = std::max(next_number_, snapshot.number + 1);
  }
  char text[512];
  const ssize_t size =
      readlinkat(directory_.get(), absl::StrCat(name, "/", kLink).c_str(), text,
                 sizeof(text));
  if (size < 0) return ErrnoStatus(errno, "read lease link");
  ASSIGN_OR_RETURN(snapshot.use, ParseLink(absl::string_view(
                                     text, static_cast<size_t>(size))));
  for (const char* part : {"/u", "/w"}) {
    struct stat info;
    if (fstatat(directory_.get(), absl::StrCat(name, part).c_str(), &info,
                AT_SYMLINK_NOFOLLOW) != 0) {
      return ErrnoStatus(errno, "half-made snapshot");
    }
  }
  absl::MutexLock lock(&mutex_);
  if (!snapshots_.emplace(snapshot.use.lease, snapshot).second) {
    return absl::DataLossError("a second snapshot for the same lease");
  }
  return absl::OkStatus();
}

absl::StatusOr<SnapshotTable::Snapshot> SnapshotTable::Find(
    const std::string& lease) const {
  absl::MutexLock lock(&mutex_);
  const auto found = snapshots_.find(lease);
  if (found == snapshots_.end()) return UnknownLease(lease);
  return found->second;
}

absl::StatusOr<SnapshotTable::Snapshot> SnapshotTable::Reserve(const Use& use,
                                                               bool& existing) {
  absl::MutexLock lock(&mutex_);
  const auto idle = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return busy_.count(use.lease) == 0;
  };
  mutex_.Await(absl::Condition(&idle));
  const auto found = snapshots_.find(use.lease);
  existing = found != snapshots_.end();
  if (existing) {
    if (found->second.use.image == use.image &&
        found->second.use.manifest == use.manifest) {
      return found->second;
    }
    return TakenLease(found->second.use);
  }
  busy_.insert(use.lease);
  return Snapshot{use, next_number_++};
}

absl::Status SnapshotTable::MakeDirectories(const Snapshot& snapshot,
                                            const RootAttributes& root) {
  ASSIGN_OR_RETURN(
      const UniqueFd here,
      MakeDirectory(directory_.get(), absl::StrCat(snapshot.number), 0700));
  RETURN_IF_ERROR(Mkdir(here.get(), "u", 0700));
  RETURN_IF_ERROR(Mkdir(here.get(), "w", 0700));
  // The upper directory's attributes are those of the container's root.
  if (fchownat(here.get(), "u", root.uid, root.gid, AT_SYMLINK_NOFOLLOW) != 0 ||
      fchmodat(here.get(), "u", root.mode, 0) != 0) {
    return ErrnoStatus(errno, "set attributes of the root directory");
  }
  if (symlinkat(LinkText(snapshot.use).c_str(), here.get(), kLink) != 0) {
    return ErrnoStatus(errno, "record lease");
  }
  return absl::OkStatus();
}

absl::StatusOr<SnapshotTable::Snapshot> SnapshotTable::Create(
    const Use& use, const RootAttributes& root) {
  RETURN_IF_ERROR(CheckLease(use.lease));
  bool existing = false;
  ASSIGN_OR_RETURN(const Snapshot snapshot, Reserve(use, existing));
  if (existing) return snapshot;
  const absl::Status status = MakeDirectories(snapshot, root);
  if (!status.ok()) {
    LogIfError(trash_.Throw(directory_.get(), absl::StrCat(snapshot.number)),
               "drop half-made snapshot");
  }
  absl::MutexLock lock(&mutex_);
  busy_.erase(use.lease);
  if (!status.ok()) return status;
  snapshots_[use.lease] = snapshot;
  return snapshot;
}

absl::Status SnapshotTable::Release(const std::string& lease) {
  Snapshot snapshot;
  {
    absl::MutexLock lock(&mutex_);
    const auto idle = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return busy_.count(lease) == 0;
    };
    mutex_.Await(absl::Condition(&idle));
    const auto found = snapshots_.find(lease);
    if (found == snapshots_.end()) return absl::OkStatus();
    snapshot = found->second;
    busy_.insert(lease);
  }
  const absl::Status status =
      trash_.Throw(directory_.get(), absl::StrCat(snapshot.number));
  absl::MutexLock lock(&mutex_);
  busy_.erase(lease);
  if (status.ok()) snapshots_.erase(lease);
  return status;
}

std::vector<LeaseUsage::Use> SnapshotTable::Uses() const {
  std::vector<Use> uses;
  absl::MutexLock lock(&mutex_);
  uses.reserve(snapshots_.size());
  for (const auto& [lease, snapshot] : snapshots_) {
    uses.push_back(snapshot.use);
  }
  return uses;
}

}  // namespace tug::imaged
