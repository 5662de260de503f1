// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/layers/layer_catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/archive/stream.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/imaged/files/directory.h"
#include "services/imaged/layers/older_record.h"

namespace tug::imaged {
namespace {

constexpr char kPrefix[] = "layer/";
constexpr char kImplicitPrefix[] = "implicit/";

std::string Key(const oci::Digest& diff_id) {
  return absl::StrCat(kPrefix, diff_id.hex());
}

std::string ImplicitKey(const oci::Digest& diff_id) {
  return absl::StrCat(kImplicitPrefix, diff_id.hex());
}

// Of this run of the machine.
std::string BootId() {
  const UniqueFd fd(
      open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  archive::FdSource source(fd.get());
  return archive::ReadAll(source, 256).value_or("unknown");
}

}  // namespace

LayerCatalog::LayerCatalog(kv::KeyValueStore& store, Trash& trash,
                           UniqueFd directory)
    : store_(store), trash_(trash), directory_(std::move(directory)) {}

absl::StatusOr<std::unique_ptr<LayerCatalog>> LayerCatalog::Open(
    kv::KeyValueStore& store, int state, Trash& trash) {
  ASSIGN_OR_RETURN(UniqueFd directory, MakeDirectory(state, "l", 0700));
  std::unique_ptr<LayerCatalog> catalog(
      new LayerCatalog(store, trash, std::move(directory)));
  RETURN_IF_ERROR(catalog->Load());
  RETURN_IF_ERROR(catalog->ThrowStrays());
  catalog->syncer_ = std::thread([raw = catalog.get()] { raw->MakeDurable(); });
  return catalog;
}

LayerCatalog::~LayerCatalog() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (syncer_.joinable()) syncer_.join();
}

absl::Status LayerCatalog::Load() {
  const std::string boot_id = BootId();
  kv::WriteBatch lost;
  absl::Status taken_over;
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(store_.Scan(
      kPrefix, [&](absl::string_view key, absl::string_view value)
                   ABSL_NO_THREAD_SAFETY_ANALYSIS {
                     taken_over = LoadOne(key, value, boot_id, lost);
                     return taken_over.ok();
                   }));
  RETURN_IF_ERROR(taken_over);
  if (lost.operations().empty()) return absl::OkStatus();
  LogWarning("layers that were not on disk yet are unpacked again");
  return store_.Write(lost, kv::Durability::kUnsynced);
}

absl::Status LayerCatalog::LoadOne(
    absl::string_view key, absl::string_view value, const std::string& boot_id,
    kv::WriteBatch& lost) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  v1::LayerRecord record;
  const absl::StatusOr<OlderRecord> older = SplitOlderRecord(value);
  const bool parsed = older.ok() && record.ParseFromString(older->rest);
  absl::StatusOr<oci::Digest> diff_id = oci::Digest::FromHex(record.diff_id());
  if (!parsed || !diff_id.ok() ||
      (!record.durable() && record.boot_id() != boot_id)) {
    lost.Delete(key);
    return absl::OkStatus();
  }
  if (older->found) {
    kv::WriteBatch batch;
    record.set_has_implicit(older->implicit.paths_size() > 0);
    batch.Put(key, record.SerializeAsString());
    if (record.has_implicit()) {
      batch.Put(ImplicitKey(*diff_id), older->implicit.SerializeAsString());
    }
    RETURN_IF_ERROR(store_.Write(batch, kv::Durability::kUnsynced));
    compact_ = true;
  }
  if (!record.durable()) unsynced_.push_back(*diff_id);
  layers_[*diff_id] = std::move(record);
  return absl::OkStatus();
}

absl::Status LayerCatalog::ThrowStrays() {
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   ListNames(directory_.get()));
  absl::MutexLock lock(&mutex_);
  std::set<std::string> known;
  for (const auto& [diff_id, record] : layers_) {
    known.insert(absl::StrCat(record.number()));
    next_number_ = std::max(next_number_, record.number() + 1);
  }
  std::set<std::string> present;
  for (const std::string& name : names) {
    uint64_t number = 0;
    if (absl::SimpleAtoi(name, &number)) {
      next_number_ = std::max(next_number_, number + 1);
    }
    if (known.count(name) == 0) {
      RETURN_IF_ERROR(trash_.Throw(directory_.get(), name));
    }
    present.insert(name);
  }
  for (auto it = layers_.begin(); it != layers_.end();) {
    const bool here = present.count(absl::StrCat(it->second.number())) > 0;
    it = here ? std::next(it) : layers_.erase(it);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::LayerRecord> LayerCatalog::Find(
    const oci::Digest& diff_id) const {
  absl::MutexLock lock(&mutex_);
  const auto found = layers_.find(diff_id);
  if (found == layers_.end()) {
    return absl::NotFoundError(
        absl::StrCat("layer ", diff_id.ToString(), " is not unpacked"));
  }
  return found->second;
}

absl::StatusOr<std::vector<std::string>> LayerCatalog::Implicit(
    const oci::Digest& diff_id) const {
  const absl::StatusOr<std::string> value = store_.Get(ImplicitKey(diff_id));
  if (absl::IsNotFound(value.status())) return std::vector<std::string>();
  RETURN_IF_ERROR(value.status());
  v1::ImplicitDirectories record;
  if (!record.ParseFromString(*value)) {
    return absl::DataLossError("damaged record of implicit directories");
  }
  return std::vector<std::string>(record.paths().begin(), record.paths().end());
}

std::vector<v1::LayerRecord> LayerCatalog::List() const {
  std::vector<v1::LayerRecord> all;
  absl::MutexLock lock(&mutex_);
  for (const auto& [diff_id, record] : layers_) all.push_back(record);
  return all;
}

absl::StatusOr<LayerCatalog::Slot> LayerCatalog::Allocate() {
  Slot slot;
  {
    absl::MutexLock lock(&mutex_);
    slot.number = next_number_++;
  }
  ASSIGN_OR_RETURN(
      slot.directory,
      MakeDirectory(directory_.get(), absl::StrCat(slot.number), 0755));
  // The process may run with a mask; content decides about its own modes.
  if (fchmod(slot.directory.get(), 0755) != 0) {
    return ErrnoStatus(errno, "chmod layer directory");
  }
  return slot;
}

void LayerCatalog::Discard(const Slot& slot) {
  LogIfError(trash_.Throw(directory_.get(), absl::StrCat(slot.number)),
             "discard layer");
}

absl::StatusOr<v1::LayerRecord> LayerCatalog::Publish(
    const Slot& slot, v1::LayerRecord record,
    const std::vector<std::string>& implicit) {
  ASSIGN_OR_RETURN(const oci::Digest diff_id,
                   oci::Digest::FromHex(record.diff_id()));
  record.set_number(slot.number);
  record.set_boot_id(BootId());
  record.set_durable(false);
  record.set_has_implicit(!implicit.empty());
  {
    absl::MutexLock lock(&mutex_);
    const auto [existing, inserted] = layers_.emplace(diff_id, record);
    if (!inserted) record = existing->second;
  }
  if (record.number() != slot.number) {
    Discard(slot);
    return record;
  }
  kv::WriteBatch batch;
  batch.Put(Key(diff_id), record.SerializeAsString());
  if (record.has_implicit()) {
    v1::ImplicitDirectories list;
    *list.mutable_paths() = {implicit.begin(), implicit.end()};
    batch.Put(ImplicitKey(diff_id), list.SerializeAsString());
  }
  const absl::Status stored = store_.Write(batch, kv::Durability::kUnsynced);
  absl::MutexLock lock(&mutex_);
  if (!stored.ok()) {
    layers_.erase(diff_id);
    return stored;
  }
  unsynced_.push_back(diff_id);
  return record;
}

absl::Status LayerCatalog::Remove(const oci::Digest& diff_id) {
  uint64_t number = 0;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = layers_.find(diff_id);
    if (found == layers_.end()) return absl::OkStatus();
    number = found->second.number();
    layers_.erase(found);
  }
  kv::WriteBatch batch;
  batch.Delete(Key(diff_id));
  batch.Delete(ImplicitKey(diff_id));
  RETURN_IF_ERROR(store_.Write(batch, kv::Durability::kUnsynced));
  return trash_.Throw(directory_.get(), absl::StrCat(number));
}

std::vector<v1::LayerRecord> LayerCatalog::TakeUnsynced() {
  std::vector<v1::LayerRecord> records;
  for (const oci::Digest& diff_id : unsynced_) {
    const auto found = layers_.find(diff_id);
    if (found != layers_.end()) records.push_back(found->second);
  }
  unsynced_.clear();
  return records;
}

void LayerCatalog::MakeDurable() {
  while (true) {
    std::vector<v1::LayerRecord> records;
    bool compact = false;
    {
      absl::MutexLock lock(&mutex_);
      const auto work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stopping_ || compact_ || !unsynced_.empty();
      };
      mutex_.Await(absl::Condition(&work));
      if (stopping_) return;
      records = TakeUnsynced();
      compact = std::exchange(compact_, false);
    }
    if (compact) LogIfError(store_.Compact(kPrefix), "compact layer records");
    if (syncfs(directory_.get()) != 0) {
      LogIfError(ErrnoStatus(errno, "syncfs"), "sync layers");
      continue;
    }
    for (v1::LayerRecord& record : records) {
      record.set_durable(true);
      absl::MutexLock lock(&mutex_);
      const auto found =
          layers_.find(oci::Digest::FromHex(record.diff_id()).value());
      // Removed, or removed and unpacked anew, meanwhile.
      if (found == layers_.end() || found->second.number() != record.number()) {
        continue;
      }
      found->second.set_durable(true);
      LogIfError(
          store_.Put(absl::StrCat(kPrefix, record.diff_id()),
                     record.SerializeAsString(), kv::Durability::kUnsynced),
          "record synced layer");
    }
  }
}

}  // namespace tug::imaged
