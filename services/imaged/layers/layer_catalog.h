// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "lib/files/trash.h"
#include "lib/kv/key_value_store.h"
#include "lib/oci/digest.h"
#include "lib/sys/unique_fd.h"
#include "services/imaged/layers/layer_record.pb.h"

namespace tug::imaged {

// The unpacked layers, directories `l/<number>` in overlay's form. A layer
// does not depend on those below it, so it is known by its diff id alone.
//
// Thread-safe. Answers from memory, apart from Implicit: how much of that there
// is, the archives' authors decide. Borrows store and trash.
class LayerCatalog {
 public:
  // Forgets layers that were not yet on disk when the machine went down, and
  // throws directories that no record names away. Records of older versions
  // are taken over; what is too large in them is left out.
  static absl::StatusOr<std::unique_ptr<LayerCatalog>> Open(
      kv::KeyValueStore& store, int state, Trash& trash);
  ~LayerCatalog();

  // NOT_FOUND when it is not unpacked here.
  absl::StatusOr<v1::LayerRecord> Find(const oci::Digest& diff_id) const;

  // Directories that the archive of a layer did not describe; none for an
  // absent layer. Reads the store.
  absl::StatusOr<std::vector<std::string>> Implicit(
      const oci::Digest& diff_id) const;

  std::vector<v1::LayerRecord> List() const;

  // A new, empty directory that nobody else uses.
  struct Slot {
    uint64_t number = 0;
    UniqueFd directory;
  };
  absl::StatusOr<Slot> Allocate();

  // Throws an allocated directory away.
  void Discard(const Slot& slot);

  // Publishes what was unpacked into a slot. When another has published the
  // same layer meanwhile, that one is answered and the slot discarded.
  absl::StatusOr<v1::LayerRecord> Publish(
      const Slot& slot, v1::LayerRecord record,
      const std::vector<std::string>& implicit);

  // Of an absent layer: no effect.
  absl::Status Remove(const oci::Digest& diff_id);

  // The directory of all layers.
  int directory() const { return directory_.get(); }

 private:
  LayerCatalog(kv::KeyValueStore& store, Trash& trash, UniqueFd directory);
  absl::Status Load();
  absl::Status LoadOne(absl::string_view key, absl::string_view value,
                       const std::string& boot_id, kv::WriteBatch& lost);
  absl::Status ThrowStrays();
  void MakeDurable();
  std::vector<v1::LayerRecord> TakeUnsynced();

  kv::KeyValueStore& store_;
  Trash& trash_;
  const UniqueFd directory_;
  mutable absl::Mutex mutex_;
  std::map<oci::Digest, v1::LayerRecord> layers_ ABSL_GUARDED_BY(mutex_);
  std::vector<oci::Digest> unsynced_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_number_ ABSL_GUARDED_BY(mutex_) = 1;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // Large values were replaced, whose bytes the store still reads over.
  bool compact_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread syncer_;
};

}  // namespace tug::imaged
