// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/layers/layer_catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/archive/stream.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/imaged/files/directory.h"

namespace tug::imaged {
namespace {

constexpr char kPrefix[] = "layer/";

std::string Key(const oci::Digest& diff_id) {
  return absl::StrCat(kPrefix, diff_id.hex());
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
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(store_.Scan(
      kPrefix, [&](absl::string_view key,
                   absl::string_view value) ABSL_NO_THREAD_SAFETY_ANALYSIS {
        v1::LayerRecord record;
        const bool parsed =
            record.ParseFromArray(value.data(), static_cast<int>(value.size()));
        absl::StatusOr<oci::Digest> diff_id =
            oci::Digest::FromHex(record.diff_id());
        if (!parsed || !diff_id.ok() ||
            (!record.durable() && record.boot_id() != boot_id)) {
          lost.Delete(key);
          return true;
        }
        if (!record.durable()) unsynced_.push_back(*diff_id);
        layers_[*diff_id] = std::move(record);
        return true;
      }));
  if (lost.operations().empty()) return absl::OkStatus();
  LogWarning("layers that were not on disk yet are unpacked again");
  return store_.Write(lost, kv::Durability::kUnsynced);
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

absl::StatusOr<v1::LayerRecord> LayerCatalog::Publish(const Slot& slot,
                                                      v1::LayerRecord record) {
  ASSIGN_OR_RETURN(const oci::Digest diff_id,
                   oci::Digest::FromHex(record.diff_id()));
  record.set_number(slot.number);
  record.set_boot_id(BootId());
  record.set_durable(false);
  {
    absl::MutexLock lock(&mutex_);
    const auto [existing, inserted] = layers_.emplace(diff_id, record);
    if (!inserted) record = existing->second;
  }
  if (record.number() != slot.number) {
    Discard(slot);
    return record;
  }
  const absl::Status stored = store_.Put(
      Key(diff_id), record.SerializeAsString(), kv::Durability::kUnsynced);
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
  RETURN_IF_ERROR(store_.Delete(Key(diff_id), kv::Durability::kUnsynced));
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
    {
      absl::MutexLock lock(&mutex_);
      const auto work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stopping_ || !unsynced_.empty();
      };
      mutex_.Await(absl::Condition(&work));
      if (stopping_) return;
      records = TakeUnsynced();
    }
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
