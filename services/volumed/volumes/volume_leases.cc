// SPDX-License-Identifier: Apache-2.0
//
// The part of VolumeCatalog about who holds and who uses volumes.
#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/volumed/volumes/claim.h"
#include "services/volumed/volumes/driver_volume.h"
#include "services/volumed/volumes/volume_catalog.h"

namespace tug::volumed {
namespace {

constexpr size_t kMaxLeaseBytes = 256;

absl::Status CheckLease(const std::string& lease) {
  if (!lease.empty() && lease.size() <= kMaxLeaseBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a lease has a name of 1 to ", kMaxLeaseBytes, " bytes"));
}

absl::Status TooMany(const std::string& lease) {
  return absl::ResourceExhaustedError(absl::StrCat(
      "lease ", lease, " has more than ", kMaxVolumesOfLease, " volumes"));
}

absl::Status UnknownLease(const std::string& lease) {
  return WithReason(
      absl::NotFoundError(absl::StrCat("no volumes are leased to ", lease)),
      "LEASE_UNKNOWN");
}

absl::Status NotPopulated(const std::string& name) {
  return WithMetadata(
      WithReason(absl::FailedPreconditionError(absl::StrCat(
                     "volume ", name, " has not got its first content yet")),
                 "VOLUME_NOT_POPULATED"),
      "name", name);
}

}  // namespace

absl::StatusOr<std::vector<volume::v1::Volume>> VolumeCatalog::Acquire(
    const std::string& lease, const std::vector<std::string>& names) {
  RETURN_IF_ERROR(CheckLease(lease));
  if (names.size() > kMaxVolumesOfLease) return TooMany(lease);
  for (const std::string& name : names) RETURN_IF_ERROR(Record(name).status());
  std::vector<volume::v1::Volume> acquired;
  {
    absl::MutexLock lock(&mutex_);
    for (const std::string& name : names) {
      // Looked up again: it may have gone since.
      const auto found = volumes_.find(name);
      if (found == volumes_.end() || found->second.removing) {
        return WithReason(absl::NotFoundError(absl::StrCat(
                              "volume ", name, " is being removed")),
                          "VOLUME_UNKNOWN");
      }
    }
    std::set<std::string>& held = leases_[lease];
    std::set<std::string> all = held;
    all.insert(names.begin(), names.end());
    if (all.size() > kMaxVolumesOfLease) return TooMany(lease);
    held = std::move(all);
    for (const std::string& name : names) {
      Entry& entry = volumes_.at(name);
      entry.holders.insert(lease);
      acquired.push_back(Describe(entry));
    }
  }
  RETURN_IF_ERROR(StoreLease(lease));
  return acquired;
}

// Before a volume is made: a crash leaves a lease with one name too many, not
// a volume that nobody holds.
absl::Status VolumeCatalog::Hold(const std::string& lease,
                                 const std::string& name) {
  RETURN_IF_ERROR(CheckLease(lease));
  {
    absl::MutexLock lock(&mutex_);
    std::set<std::string>& held = leases_[lease];
    if (held.size() >= kMaxVolumesOfLease && !held.contains(name)) {
      return TooMany(lease);
    }
    held.insert(name);
    const auto found = volumes_.find(name);
    if (found != volumes_.end()) found->second.holders.insert(lease);
  }
  return StoreLease(lease);
}

// After a volume could not be made.
void VolumeCatalog::LetGo(const std::string& lease, const std::string& name,
                          size_t bytes) {
  absl::MutexLock lock(&mutex_);
  budget_.Give(bytes);
  const auto found = leases_.find(lease);
  if (found != leases_.end()) found->second.erase(name);
}

absl::Status VolumeCatalog::StoreLease(const std::string& lease) {
  LeaseRecord record;
  {
    absl::MutexLock lock(&mutex_);
    const auto held = leases_.find(lease);
    if (held == leases_.end()) return absl::OkStatus();  // Released meanwhile.
    for (const std::string& name : held->second) {
      record.add_held(name);
      const auto found = volumes_.find(name);
      if (found != volumes_.end() && found->second.mounters.contains(lease)) {
        record.add_mounted(name);
      }
    }
  }
  return store_.Put(absl::StrCat("l/", lease), record.SerializeAsString(),
                    kv::Durability::kUnsynced);
}

std::set<std::string> VolumeCatalog::HeldBy(const std::string& lease) const {
  absl::MutexLock lock(&mutex_);
  std::set<std::string> names;
  const auto held = leases_.find(lease);
  if (held == leases_.end()) return names;
  for (const std::string& name : held->second) {
    if (volumes_.contains(name)) names.insert(name);  // Others are being made.
  }
  return names;
}

bool VolumeCatalog::LeaseKnown(const std::string& lease) const {
  absl::MutexLock lock(&mutex_);
  return leases_.contains(lease);
}

absl::StatusOr<std::map<std::string, std::string>> VolumeCatalog::Mount(
    const std::string& lease, const std::vector<Use>& uses) {
  if (!LeaseKnown(lease)) return UnknownLease(lease);
  std::map<std::string, std::string> paths;
  absl::Status status;
  for (const std::string& name : HeldBy(lease)) {
    status = MountOne(lease, name, uses, &paths[name]);
    if (!status.ok()) break;
  }
  RETURN_IF_ERROR(StoreLease(lease));
  if (!status.ok()) {
    LogIfError(Unmount(lease), "undo a failed mount");
    return status;
  }
  return paths;
}

absl::Status VolumeCatalog::MountOne(const std::string& lease,
                                     const std::string& name,
                                     const std::vector<Use>& uses,
                                     std::string* path) {
  ASSIGN_OR_RETURN(VolumeRecord record, Record(name));
  if (!record.ready()) return NotPopulated(name);
  ASSIGN_OR_RETURN(const auto claim, ClaimName(name));
  ASSIGN_OR_RETURN(record, Record(name));
  RETURN_IF_ERROR(MarkUsed(record));
  const DriverVolume volume = ForDriver(record);
  absl::Status mounted = DriverOf(record)->Mount(volume);
  if (!mounted.ok()) {
    mounted = WithMetadata(std::move(mounted), "name", name);
    return WithMetadata(std::move(mounted), "mountpoint",
                        DriverOf(record)->Mountpoint(volume));
  }
  *path = DriverOf(record)->Mountpoint(volume);
  bool is_new = false;
  {
    absl::MutexLock lock(&mutex_);
    is_new = volumes_.at(name).mounters.insert(lease).second;
  }
  if (is_new) PublishMount(record, lease, uses);
  return absl::OkStatus();
}

void VolumeCatalog::PublishMount(const VolumeRecord& record,
                                 const std::string& lease,
                                 const std::vector<Use>& uses) {
  bool told = false;
  for (const Use& use : uses) {
    if (use.name() != record.name()) continue;
    Publish("mount", record, lease,
            {{"destination", use.destination()},
             {"read/write", use.writable() ? "true" : "false"},
             {"propagation", use.propagation()}});
    told = true;
  }
  if (!told) Publish("mount", record, lease);
}

absl::Status VolumeCatalog::Unmount(const std::string& lease) {
  absl::Status status;
  bool changed = false;
  for (const std::string& name : HeldBy(lease)) {
    {
      absl::MutexLock lock(&mutex_);
      const auto found = volumes_.find(name);
      if (found == volumes_.end() || !found->second.mounters.contains(lease)) {
        continue;
      }
    }
    changed = true;
    status.Update(UnmountOne(lease, name));
  }
  if (changed && LeaseKnown(lease)) status.Update(StoreLease(lease));
  return status;
}

absl::Status VolumeCatalog::UnmountOne(const std::string& lease,
                                       const std::string& name) {
  ASSIGN_OR_RETURN(const auto claim, ClaimName(name));
  ASSIGN_OR_RETURN(const VolumeRecord record, Record(name));
  bool last = false;
  {
    absl::MutexLock lock(&mutex_);
    Entry& entry = volumes_.at(name);
    if (entry.mounters.erase(lease) == 0) return absl::OkStatus();
    last = entry.mounters.empty();
  }
  Publish("unmount", record, lease);
  return last ? DriverOf(record)->Unmount(ForDriver(record)) : absl::OkStatus();
}

absl::Status VolumeCatalog::Release(const std::string& lease,
                                    Anonymous anonymous) {
  if (!LeaseKnown(lease)) return absl::OkStatus();
  LogIfError(Unmount(lease), "unmount released volumes");
  const std::set<std::string> held = HeldBy(lease);
  std::set<std::string> leftovers;
  {
    absl::MutexLock lock(&mutex_);
    leases_.erase(lease);
    for (const std::string& name : held) {
      const auto found = volumes_.find(name);
      if (found == volumes_.end()) continue;
      found->second.holders.erase(lease);
      const VolumeRecord& record = found->second.record;
      // One that another container or the user made, and that this one mounts
      // by its name, is not its to remove.
      const bool own = record.anonymous() && record.owner() == lease;
      const bool unused = record.made_for() == lease;
      if ((own && anonymous == Anonymous::kRemove) ||
          (unused && anonymous == Anonymous::kRemoveUnused)) {
        leftovers.insert(name);
      }
    }
  }
  RETURN_IF_ERROR(
      store_.Delete(absl::StrCat("l/", lease), kv::Durability::kUnsynced));
  for (const std::string& name : leftovers) {
    const absl::Status removed = Remove(name);
    // Somebody else holds it, or has removed it.
    if (removed.ok() || !StatusReason(removed).empty()) continue;
    LogIfError(removed, "remove an anonymous volume");
  }
  return absl::OkStatus();
}

std::vector<std::string> VolumeCatalog::Leases() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> names;
  names.reserve(leases_.size());
  for (const auto& [lease, held] : leases_) names.push_back(lease);
  return names;
}

absl::Status VolumeCatalog::Populate(
    const std::string& name,
    const std::function<absl::Status(int directory)>& fill) {
  ASSIGN_OR_RETURN(const auto claim, ClaimName(name));
  ASSIGN_OR_RETURN(const VolumeRecord record, Record(name));
  const absl::Status populated =
      WithMetadata(WithReason(absl::FailedPreconditionError(absl::StrCat(
                                  "volume ", name, " has content already")),
                              "VOLUME_POPULATED"),
                   "name", name);
  if (record.ready()) return populated;
  if (fill == nullptr) return MarkReady(name);
  const absl::Status filled = Fill(record, fill);
  // A volume that somebody wrote into by hand is as good as a copy.
  if (!filled.ok() && !absl::IsAlreadyExists(filled)) return filled;
  RETURN_IF_ERROR(MarkReady(name));
  return filled.ok() ? filled : populated;
}

absl::Status VolumeCatalog::MarkReady(const std::string& name) {
  ASSIGN_OR_RETURN(VolumeRecord record, Record(name));
  record.set_ready(true);
  RETURN_IF_ERROR(store_.Put(absl::StrCat(kVolumePrefix, name),
                             record.SerializeAsString(),
                             kv::Durability::kSynced));
  absl::MutexLock lock(&mutex_);
  volumes_[name].record.set_ready(true);
  return absl::OkStatus();
}

// A container may write into it from now on.
absl::Status VolumeCatalog::MarkUsed(VolumeRecord& record) {
  if (record.made_for().empty()) return absl::OkStatus();
  record.clear_made_for();
  RETURN_IF_ERROR(store_.Put(absl::StrCat(kVolumePrefix, record.name()),
                             record.SerializeAsString(),
                             kv::Durability::kUnsynced));
  absl::MutexLock lock(&mutex_);
  volumes_.at(record.name()).record.clear_made_for();
  return absl::OkStatus();
}

absl::Status VolumeCatalog::Fill(const VolumeRecord& record,
                                 const std::function<absl::Status(int)>& fill) {
  VolumeDriver* driver = DriverOf(record);
  const DriverVolume volume = ForDriver(record);
  absl::Status status;
  {
    absl::StatusOr<UniqueFd> stage = driver->OpenStage(volume);
    status = stage.status();
    if (status.ok()) {
      status = fill(stage->get());
      if (status.ok()) status = driver->PutStaged(volume);
      if (!status.ok()) driver->DropStaged(volume);
    }
  }
  bool unused = false;
  {
    absl::MutexLock lock(&mutex_);
    unused = volumes_.at(record.name()).mounters.empty();
  }
  if (unused) LogIfError(driver->Unmount(volume), "unmount after copy-up");
  return status;
}

}  // namespace tug::volumed
