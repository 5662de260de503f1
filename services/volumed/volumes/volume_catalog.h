// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "lib/base/byte_budget.h"
#include "lib/base/clock.h"
#include "lib/event/event_bus.h"
#include "lib/kv/key_value_store.h"
#include "proto/tug/volume/v1/volume.pb.h"
#include "services/volumed/drivers/volume_driver.h"
#include "services/volumed/volumes/record.pb.h"

namespace tug::volumed {

// Creations that are remembered by their request id; callers size those.
inline constexpr Bounds kRememberedRequests = {.count = 1024, .bytes = 1 << 20};
// Volumes of one host and what their records take, which is in memory; volumes
// of one lease.
inline constexpr Bounds kMaxVolumes = {.count = 100'000, .bytes = 64 << 20};
inline constexpr size_t kMaxVolumesOfLease = 1024;

// Every volume of this host, who holds it and who uses it. Reads come from
// memory; no lock is held across a driver call or a disk write. Operations on
// one volume come after each other (a claim on its name), others run at once.
//
// Thread-safe.
class VolumeCatalog {
 public:
  using Drivers = std::map<std::string, VolumeDriver*>;

  // Borrows all. Load() comes before everything else.
  VolumeCatalog(kv::KeyValueStore& store, Drivers drivers, EventBus& events,
                Clock& clock);

  // Reads what is stored. After a boot of the machine nothing is in use.
  absl::Status Load(const std::string& boot_id);
  // Names of the volumes of one driver.
  std::set<std::string> NamesOf(const std::string& driver) const;

  absl::StatusOr<volume::v1::Volume> Create(
      const volume::v1::CreateVolumeRequest& request);
  absl::StatusOr<volume::v1::Volume> Get(const std::string& name) const;
  // Visits the volumes after `after`, by name, until `visit` refuses one. It
  // must not block: the catalog is locked.
  void List(const std::string& after,
            absl::FunctionRef<bool(volume::v1::Volume)> visit) const;
  // Bytes on disk; -1 if they cannot be told. Slow.
  int64_t Measure(const std::string& name);
  absl::Status Remove(const std::string& name);

  absl::StatusOr<std::vector<volume::v1::Volume>> Acquire(
      const std::string& lease, const std::vector<std::string>& names);
  // `uses` are for events only.
  using Use = volume::v1::MountVolumesRequest::Use;
  absl::StatusOr<std::map<std::string, std::string>> Mount(
      const std::string& lease, const std::vector<Use>& uses = {});
  absl::Status Unmount(const std::string& lease);
  // Which anonymous volumes of a released lease go with it, unless somebody
  // else holds them.
  enum class Anonymous {
    kKeep,
    // Made under this lease, never mounted: what a failed creation leaves.
    kRemoveUnused,
    kRemove,
  };
  absl::Status Release(const std::string& lease, Anonymous anonymous);
  std::vector<std::string> Leases() const;

  // Runs `fill` on an empty directory, and commits it as the content of an
  // EMPTY volume. A null `fill`: there is nothing to copy.
  // FAILED_PRECONDITION (VOLUME_POPULATED).
  absl::Status Populate(const std::string& name,
                        const std::function<absl::Status(int directory)>& fill);

 private:
  struct Entry {
    VolumeRecord record;
    std::set<std::string> holders;   // Leases.
    std::set<std::string> mounters;  // Leases in use.
    bool removing = false;
    size_t bytes = 0;  // Of the record, as it counts in `budget_`.
  };
  class Claim;
  // Of the keys of volumes in the store.
  static constexpr char kVolumePrefix[] = "v/";

  absl::StatusOr<std::unique_ptr<Claim>> ClaimName(const std::string& name);
  absl::StatusOr<VolumeRecord> Record(const std::string& name) const;
  VolumeDriver* DriverOf(const VolumeRecord& record) const;
  volume::v1::Volume Describe(const Entry& entry) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Make(const volume::v1::CreateVolumeRequest& request,
                    VolumeRecord& record);
  absl::Status Hold(const std::string& lease, const std::string& name);
  void LetGo(const std::string& lease, const std::string& name, size_t bytes);
  absl::StatusOr<volume::v1::Volume> Enter(
      const volume::v1::CreateVolumeRequest& request, VolumeRecord record,
      size_t bytes);
  absl::Status RemoveClaimed(const std::string& name);
  absl::Status MarkReady(const std::string& name);
  absl::Status Fill(const VolumeRecord& record,
                    const std::function<absl::Status(int)>& fill);
  absl::Status MountOne(const std::string& lease, const std::string& name,
                        const std::vector<Use>& uses, std::string* path);
  void PublishMount(const VolumeRecord& record, const std::string& lease,
                    const std::vector<Use>& uses);
  absl::Status MarkUsed(VolumeRecord& record);
  absl::Status UnmountOne(const std::string& lease, const std::string& name);
  std::set<std::string> HeldBy(const std::string& lease) const;
  bool LeaseKnown(const std::string& lease) const;
  absl::Status StoreLease(const std::string& lease);
  absl::Status LoadVolumes();
  absl::Status LoadLeases(bool same_boot);
  void Publish(const std::string& action, const VolumeRecord& record,
               const std::string& container,
               const std::map<std::string, std::string>& extra = {});

  kv::KeyValueStore& store_;
  const Drivers drivers_;
  EventBus& events_;
  Clock& clock_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Entry> volumes_ ABSL_GUARDED_BY(mutex_);
  // Also of volumes that are being made.
  ByteBudget budget_ ABSL_GUARDED_BY(mutex_){kMaxVolumes};
  // Names of the volumes that a lease holds, perhaps none; also those that are
  // being made for it.
  std::map<std::string, std::set<std::string>> leases_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> claimed_ ABSL_GUARDED_BY(mutex_);
  // Oldest first.
  ByteRing<std::pair<std::string, std::string>> requests_
      ABSL_GUARDED_BY(mutex_){kRememberedRequests};
};

}  // namespace tug::volumed
