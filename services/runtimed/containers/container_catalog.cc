// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/containers/container_catalog.h"

#include "absl/hash/hash.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/check.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/containers/container_name.h"

namespace tug::runtimed {
namespace {

constexpr absl::string_view kPrefix = "c/";
constexpr int64_t kNanos = 1'000'000'000;

std::string KeyOf(absl::string_view id) { return absl::StrCat(kPrefix, id); }

absl::Status Unknown(absl::string_view reference) {
  return WithReason(
      absl::NotFoundError(absl::StrCat("No such container: ", reference)),
      "CONTAINER_UNKNOWN");
}

absl::Status NameTaken(absl::string_view name, absl::string_view holder) {
  absl::Status status =
      WithReason(absl::AlreadyExistsError(absl::StrCat(
                     "the container name \"/", name,
                     "\" is already in use by container \"", holder, "\"")),
                 "CONTAINER_NAME_TAKEN");
  return WithMetadata(WithMetadata(std::move(status), "name", name), "id",
                      holder);
}

}  // namespace

ContainerCatalog::ContainerCatalog(kv::KeyValueStore& store) : store_(store) {}

absl::Mutex& ContainerCatalog::StripeOf(absl::string_view id) {
  return stripes_[absl::HashOf(id) % kStripes];
}

ContainerCatalog::Position ContainerCatalog::PositionOf(
    const ContainerRecord& record) {
  const auto& created = record.container().created();
  return {-(created.seconds() * kNanos + created.nanos()),
          record.container().id()};
}

void ContainerCatalog::Publish(RecordPtr record) {
  const std::string& id = record->container().id();
  newest_first_[PositionOf(*record)] = id;
  id_of_name_[record->container().name()] = id;
  by_id_[id] = std::move(record);
}

absl::Status ContainerCatalog::Load() {
  absl::MutexLock lock(&mutex_);
  return store_.Scan(kPrefix, [&](absl::string_view key,
                                  absl::string_view value) {
    auto record = std::make_shared<ContainerRecord>();
    if (!record->ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      LogError("skipped a container record that cannot be read",
               {{"key", key}});
      return true;
    }
    mutex_.AssertHeld();
    Publish(std::move(record));
    return true;
  });
}

absl::StatusOr<RecordPtr> ContainerCatalog::Reserve(ContainerRecord record) {
  absl::MutexLock lock(&mutex_);
  const std::string id = record.container().id();
  const auto present = by_id_.find(id);
  if (present != by_id_.end()) {
    const bool repeated = !record.request_id().empty() &&
                          present->second->request_id() == record.request_id();
    if (repeated) return present->second;
    return WithReason(absl::AlreadyExistsError(
                          absl::StrCat("another container has the id ", id)),
                      "CONTAINER_ID_TAKEN");
  }
  const auto taken = [&](absl::string_view name) {
    mutex_.AssertHeld();
    return id_of_name_.contains(name);
  };
  if (record.container().name().empty()) {
    record.mutable_container()->set_name(GenerateContainerName(id, taken));
  }
  const auto holder = id_of_name_.find(record.container().name());
  if (holder != id_of_name_.end()) {
    return NameTaken(record.container().name(), holder->second);
  }
  auto shared = std::make_shared<const ContainerRecord>(std::move(record));
  Publish(shared);
  return shared;
}

absl::StatusOr<RecordPtr> ContainerCatalog::Get(absl::string_view id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return Unknown(id);
  return found->second;
}

absl::StatusOr<RecordPtr> ContainerCatalog::Resolve(
    absl::string_view reference) const {
  absl::MutexLock lock(&mutex_);
  const auto exact = by_id_.find(reference);
  if (exact != by_id_.end()) return exact->second;
  const absl::string_view name = absl::StripPrefix(reference, "/");
  const auto named = id_of_name_.find(name);
  if (named != id_of_name_.end()) return by_id_.find(named->second)->second;
  const auto first = by_id_.lower_bound(reference);
  if (reference.empty() || first == by_id_.end() ||
      !absl::StartsWith(first->first, reference)) {
    return Unknown(reference);
  }
  const auto second = std::next(first);
  if (second != by_id_.end() && absl::StartsWith(second->first, reference)) {
    return WithReason(
        absl::InvalidArgumentError(absl::StrCat(
            "multiple IDs found with provided prefix: ", reference)),
        "CONTAINER_AMBIGUOUS");
  }
  return first->second;
}

std::vector<RecordPtr> ContainerCatalog::List(const Position* after) const {
  absl::MutexLock lock(&mutex_);
  std::vector<RecordPtr> records;
  auto at = after == nullptr ? newest_first_.begin()
                             : newest_first_.upper_bound(*after);
  for (; at != newest_first_.end(); ++at) {
    records.push_back(by_id_.find(at->second)->second);
  }
  return records;
}

absl::Status ContainerCatalog::Write(const ContainerRecord& record,
                                     Persist persist) {
  if (persist == Persist::kMemory) return absl::OkStatus();
  return Annotate(
      store_.Put(KeyOf(record.container().id()), record.SerializeAsString(),
                 persist == Persist::kSynced ? kv::Durability::kSynced
                                             : kv::Durability::kUnsynced),
      absl::StrCat("store container ", record.container().id()));
}

absl::StatusOr<RecordPtr> ContainerCatalog::Update(
    absl::string_view id, Persist persist,
    absl::FunctionRef<absl::Status(ContainerRecord&)> change) {
  absl::MutexLock ordered(&StripeOf(id));
  ASSIGN_OR_RETURN(const RecordPtr before, Get(id));
  auto after = std::make_shared<ContainerRecord>(*before);
  RETURN_IF_ERROR(change(*after));
  CHECK(after->container().name() == before->container().name());
  RETURN_IF_ERROR(Write(*after, persist));
  absl::MutexLock lock(&mutex_);
  Publish(after);
  return RecordPtr(std::move(after));
}

absl::StatusOr<RecordPtr> ContainerCatalog::Rename(absl::string_view id,
                                                   const std::string& name) {
  RETURN_IF_ERROR(CheckContainerName(name));
  absl::MutexLock ordered(&StripeOf(id));
  ASSIGN_OR_RETURN(const RecordPtr before, Get(id));
  {
    // Reserves the name before the write, so that two renames cannot meet.
    absl::MutexLock lock(&mutex_);
    const auto [holder, is_new] = id_of_name_.emplace(name, std::string(id));
    if (!is_new) return NameTaken(name, holder->second);
  }
  auto after = std::make_shared<ContainerRecord>(*before);
  after->mutable_container()->set_name(name);
  const absl::Status written = Write(*after, Persist::kSynced);
  absl::MutexLock lock(&mutex_);
  if (!written.ok()) {
    id_of_name_.erase(name);
    return written;
  }
  id_of_name_.erase(before->container().name());
  Publish(after);
  return RecordPtr(std::move(after));
}

absl::Status ContainerCatalog::Remove(absl::string_view id, Persist persist) {
  absl::MutexLock ordered(&StripeOf(id));
  const auto record = Get(id);
  if (!record.ok()) return absl::OkStatus();
  if (persist != Persist::kMemory) {
    RETURN_IF_ERROR(store_.Delete(KeyOf(id), persist == Persist::kSynced
                                                 ? kv::Durability::kSynced
                                                 : kv::Durability::kUnsynced));
  }
  absl::MutexLock lock(&mutex_);
  newest_first_.erase(PositionOf(**record));
  id_of_name_.erase((*record)->container().name());
  by_id_.erase(by_id_.find(id));
  return absl::OkStatus();
}

}  // namespace tug::runtimed
