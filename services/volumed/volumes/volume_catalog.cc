// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/volumes/volume_catalog.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "lib/base/check.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/volumed/volumes/claim.h"
#include "services/volumed/volumes/driver_volume.h"
#include "services/volumed/volumes/volume_name.h"

namespace tug::volumed {
namespace {

constexpr char kLeasePrefix[] = "l/";
constexpr char kBootKey[] = "b";
constexpr char kLocal[] = "local";
constexpr char kAnonymousLabel[] = "com.docker.volume.anonymous";
constexpr size_t kMaxRecordBytes = 1024 * 1024;
// Longest wait for another operation on the same volume.
constexpr absl::Duration kClaimTimeout = absl::Minutes(2);

absl::Status Unknown(const std::string& name) {
  return WithMetadata(WithReason(absl::NotFoundError(absl::StrCat(
                                     "volume ", name, " does not exist")),
                                 "VOLUME_UNKNOWN"),
                      "name", name);
}

absl::Status InUse(const std::string& name,
                   const std::set<std::string>& holders) {
  const std::string leases = absl::StrJoin(holders, ", ");
  return WithMetadata(
      WithReason(absl::FailedPreconditionError(
                     absl::StrCat("volume ", name, " is in use by ", leases)),
                 "VOLUME_IN_USE"),
      "leases", leases);
}

absl::Status Taken(const VolumeRecord& existing) {
  return WithReason(absl::AlreadyExistsError(absl::StrCat(
                        "volume ", existing.name(),
                        " exists already with driver ", existing.driver())),
                    "VOLUME_NAME_TAKEN");
}

absl::Status TooMany() {
  return absl::ResourceExhaustedError(
      absl::StrCat("more than ", kMaxVolumes.count, " volumes, or ",
                   kMaxVolumes.bytes, " bytes of labels and options"));
}

absl::Status NoDriver(const std::string& driver) {
  return WithMetadata(WithReason(absl::InvalidArgumentError(absl::StrCat(
                                     "error looking up volume plugin ", driver,
                                     ": plugin \"", driver, "\" not found")),
                                 "VOLUME_DRIVER_UNKNOWN"),
                      "driver", driver);
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp stamp;
  const int64_t nanos = absl::ToUnixNanos(time);
  stamp.set_seconds(nanos / 1'000'000'000);
  stamp.set_nanos(static_cast<int>(nanos % 1'000'000'000));
  return stamp;
}

VolumeRecord RecordOf(const volume::v1::CreateVolumeRequest& request,
                      absl::Time now) {
  VolumeRecord record;
  record.set_anonymous(request.name().empty());
  record.set_name(record.anonymous() ? NewId() : request.name());
  record.set_driver(request.driver().empty() ? kLocal : request.driver());
  *record.mutable_created() = ToTimestamp(now);
  *record.mutable_labels() = request.labels();
  if (record.anonymous()) {
    (*record.mutable_labels())[kAnonymousLabel] = "";
    record.set_made_for(request.lease());
    record.set_owner(request.lease());
  }
  if (request.has_options()) *record.mutable_options() = request.options();
  return record;
}

}  // namespace

VolumeCatalog::VolumeCatalog(kv::KeyValueStore& store, Drivers drivers,
                             EventBus& events, Clock& clock)
    : store_(store),
      drivers_(std::move(drivers)),
      events_(events),
      clock_(clock) {}

absl::Status VolumeCatalog::Load(const std::string& boot_id) {
  const auto last = store_.Get(kBootKey);
  RETURN_IF_ERROR(LoadVolumes());
  RETURN_IF_ERROR(LoadLeases(last.ok() && *last == boot_id));
  return store_.Put(kBootKey, boot_id, kv::Durability::kUnsynced);
}

absl::Status VolumeCatalog::LoadVolumes() {
  absl::MutexLock lock(&mutex_);
  absl::Status status;
  RETURN_IF_ERROR(
      store_.Scan(kVolumePrefix,
                  [&](absl::string_view key, absl::string_view value)
                      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
                        Entry entry;
                        if (!entry.record.ParseFromArray(
                                value.data(), static_cast<int>(value.size()))) {
                          status = absl::DataLossError(absl::StrCat(
                              "volume record ", key, " is damaged"));
                          return false;
                        }
                        std::string name = entry.record.name();
                        entry.bytes = value.size();
                        budget_.Take(entry.bytes);
                        volumes_.emplace(std::move(name), std::move(entry));
                        return true;
                      }));
  return status;
}

absl::Status VolumeCatalog::LoadLeases(bool same_boot) {
  absl::MutexLock lock(&mutex_);
  return store_.Scan(
      kLeasePrefix,
      [&](absl::string_view key, absl::string_view value)
          ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
            LeaseRecord record;
            const std::string lease(absl::StripPrefix(key, kLeasePrefix));
            if (!record.ParseFromArray(value.data(),
                                       static_cast<int>(value.size()))) {
              LogWarning("a damaged lease is dropped", {{"lease", lease}});
              return true;
            }
            std::set<std::string>& held = leases_[lease];
            for (const std::string& name : record.held()) {
              // Others were never finished.
              const auto found = volumes_.find(name);
              if (found == volumes_.end()) continue;
              found->second.holders.insert(lease);
              held.insert(name);
            }
            for (const std::string& name : record.mounted()) {
              const auto found = volumes_.find(name);
              if (same_boot && found != volumes_.end()) {
                found->second.mounters.insert(lease);
              }
            }
            return true;
          });
}

std::set<std::string> VolumeCatalog::NamesOf(const std::string& driver) const {
  absl::MutexLock lock(&mutex_);
  std::set<std::string> names;
  for (const auto& [name, entry] : volumes_) {
    if (entry.record.driver() == driver) names.insert(name);
  }
  return names;
}

absl::StatusOr<std::unique_ptr<VolumeCatalog::Claim>> VolumeCatalog::ClaimName(
    const std::string& name) {
  absl::MutexLock lock(&mutex_);
  const auto free = [this, &name]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !claimed_.contains(name);
  };
  if (!mutex_.AwaitWithTimeout(absl::Condition(&free), kClaimTimeout)) {
    return absl::UnavailableError(
        absl::StrCat("volume ", name, " is busy; try again later"));
  }
  claimed_.insert(name);
  return std::make_unique<Claim>(*this, name);
}

absl::StatusOr<VolumeRecord> VolumeCatalog::Record(
    const std::string& name) const {
  absl::MutexLock lock(&mutex_);
  const auto found = volumes_.find(name);
  if (found == volumes_.end() || found->second.removing) return Unknown(name);
  return found->second.record;
}

VolumeDriver* VolumeCatalog::DriverOf(const VolumeRecord& record) const {
  const auto found = drivers_.find(record.driver());
  CHECK(found != drivers_.end());  // Unknown ones were refused at creation.
  return found->second;
}

volume::v1::Volume VolumeCatalog::Describe(const Entry& entry) const {
  volume::v1::Volume volume;
  const VolumeRecord& record = entry.record;
  volume.set_name(record.name());
  volume.set_driver(record.driver());
  volume.set_mountpoint(DriverOf(record)->Mountpoint(ForDriver(record)));
  *volume.mutable_created() = record.created();
  *volume.mutable_labels() = record.labels();
  if (record.has_options()) *volume.mutable_options() = record.options();
  volume.set_state(record.ready() ? volume::v1::Volume::READY
                                  : volume::v1::Volume::EMPTY);
  for (const std::string& lease : entry.holders) volume.add_leases(lease);
  volume.set_anonymous(record.anonymous());
  volume.set_size(-1);
  return volume;
}

absl::StatusOr<volume::v1::Volume> VolumeCatalog::Create(
    const volume::v1::CreateVolumeRequest& request) {
  if (!request.name().empty()) RETURN_IF_ERROR(CheckVolumeName(request.name()));
  VolumeRecord record = RecordOf(request, clock_.Now());
  if (!request.request_id().empty() && request.name().empty()) {
    absl::MutexLock lock(&mutex_);
    for (size_t i = 0; i < requests_.size(); ++i) {
      const auto& [id, name] = requests_[i];
      if (id == request.request_id() && volumes_.contains(name)) {
        return Describe(volumes_.at(name));
      }
    }
  }
  ASSIGN_OR_RETURN(const auto claim, ClaimName(record.name()));
  const size_t bytes = record.ByteSizeLong();
  bool exists = false;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = volumes_.find(record.name());
    exists = found != volumes_.end();
    if (exists && found->second.record.driver() != record.driver()) {
      return Taken(found->second.record);
    }
    if (!exists && !budget_.TryTake(bytes)) return TooMany();
  }
  const std::string name = record.name();
  absl::Status status;
  if (!request.lease().empty()) status = Hold(request.lease(), name);
  if (exists) {
    RETURN_IF_ERROR(status);
    return Get(name);
  }
  if (status.ok()) status = Make(request, record);
  if (!status.ok()) {
    LetGo(request.lease(), name, bytes);
    return status;
  }
  return Enter(request, std::move(record), bytes);
}

// Directory first, record (synced) after it: a crash in between leaves a
// directory that the next start sweeps.
absl::Status VolumeCatalog::Make(const volume::v1::CreateVolumeRequest& request,
                                 VolumeRecord& record) {
  if (!drivers_.contains(record.driver())) return NoDriver(record.driver());
  VolumeDriver* driver = DriverOf(record);
  const DriverVolume made = ForDriver(record);
  RETURN_IF_ERROR(driver->CheckOptions(made.options));
  if (record.ByteSizeLong() > kMaxRecordBytes) {
    return absl::InvalidArgumentError("labels and options are too large");
  }
  record.set_ready(request.no_copy() || !driver->KeepsContent(made));
  RETURN_IF_ERROR(driver->Create(made));
  const absl::Status stored =
      store_.Put(absl::StrCat(kVolumePrefix, record.name()),
                 record.SerializeAsString(), kv::Durability::kSynced);
  if (!stored.ok()) {
    LogIfError(driver->Remove(made), "remove a volume that was not stored");
    return stored;
  }
  Publish("create", record, "");
  return absl::OkStatus();
}

// Makes a finished volume known. Whoever released its lease meanwhile could not
// see it, so an anonymous one goes again.
absl::StatusOr<volume::v1::Volume> VolumeCatalog::Enter(
    const volume::v1::CreateVolumeRequest& request, VolumeRecord record,
    size_t bytes) {
  const std::string name = record.name();
  const bool anonymous = record.anonymous();
  {
    absl::MutexLock lock(&mutex_);
    if (!request.request_id().empty()) {
      requests_.Push({request.request_id(), name},
                     request.request_id().size() + name.size());
    }
    Entry& entry = volumes_[name];
    entry.bytes = bytes;
    entry.record = std::move(record);
    if (request.lease().empty()) return Describe(entry);
    const auto held = leases_.find(request.lease());
    if (held != leases_.end() && held->second.contains(name)) {
      entry.holders.insert(request.lease());
      return Describe(entry);
    }
  }
  if (anonymous) {
    LogIfError(RemoveClaimed(name), "remove a volume of a released lease");
  }
  return absl::AbortedError(absl::StrCat(
      "lease ", request.lease(), " was released while its volume was made"));
}

absl::StatusOr<volume::v1::Volume> VolumeCatalog::Get(
    const std::string& name) const {
  absl::MutexLock lock(&mutex_);
  const auto found = volumes_.find(name);
  if (found == volumes_.end()) return Unknown(name);
  return Describe(found->second);
}

void VolumeCatalog::List(
    const std::string& after,
    absl::FunctionRef<bool(volume::v1::Volume)> visit) const {
  absl::MutexLock lock(&mutex_);
  for (auto it = volumes_.upper_bound(after);
       it != volumes_.end() && visit(Describe(it->second)); ++it) {
  }
}

int64_t VolumeCatalog::Measure(const std::string& name) {
  const auto record = Record(name);
  return record.ok() ? DriverOf(*record)->Measure(ForDriver(*record)) : -1;
}

absl::Status VolumeCatalog::Remove(const std::string& name) {
  ASSIGN_OR_RETURN(const auto claim, ClaimName(name));
  return RemoveClaimed(name);
}

// The record goes first (synced): what a crash leaves behind it is swept.
absl::Status VolumeCatalog::RemoveClaimed(const std::string& name) {
  VolumeRecord record;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = volumes_.find(name);
    if (found == volumes_.end()) return Unknown(name);
    if (!found->second.holders.empty()) {
      return InUse(name, found->second.holders);
    }
    found->second.removing = true;  // Nobody may take it from here on.
    record = found->second.record;
  }
  absl::Status status =
      store_.Delete(absl::StrCat(kVolumePrefix, name), kv::Durability::kSynced);
  if (status.ok()) {
    LogIfError(DriverOf(record)->Remove(ForDriver(record)),
               "remove a volume's directory; swept at the next start");
    Publish("destroy", record, "");
  }
  absl::MutexLock lock(&mutex_);
  if (status.ok()) {
    budget_.Give(volumes_.at(name).bytes);
    volumes_.erase(name);
  } else {
    volumes_[name].removing = false;
  }
  return status;
}

void VolumeCatalog::Publish(const std::string& action,
                            const VolumeRecord& record,
                            const std::string& container,
                            const std::map<std::string, std::string>& extra) {
  event::v1::Event event;
  event.set_type("volume");
  event.set_action(action);
  event.set_actor_id(record.name());
  event.mutable_attributes()->insert(extra.begin(), extra.end());
  (*event.mutable_attributes())["driver"] = record.driver();
  if (!container.empty()) {
    (*event.mutable_attributes())["container"] = container;
  }
  events_.Publish(std::move(event));
}

}  // namespace tug::volumed
