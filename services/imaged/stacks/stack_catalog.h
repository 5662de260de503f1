// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "lib/kv/key_value_store.h"
#include "lib/oci/digest.h"
#include "lib/oci/image_config.h"

namespace tug::imaged {

// Which layers, or variants of them, an image consists of.
//
// Thread-safe; answers from memory. Borrows the store.
class StackCatalog {
 public:
  static absl::StatusOr<std::unique_ptr<StackCatalog>> Open(
      kv::KeyValueStore& store);

  // Identities for LayerCatalog::Find, base first: the config's diff ids,
  // unless something else was put.
  std::vector<oci::Digest> LayersOf(const oci::Digest& manifest,
                                    const oci::ImageConfig& config) const;

  // Records what deviates from the config's diff ids; forgets what does not.
  absl::Status Put(const oci::Digest& manifest, const oci::ImageConfig& config,
                   const std::vector<oci::Digest>& layers);

  // Everything recorded; for the collector.
  std::map<oci::Digest, std::vector<oci::Digest>> All() const;

  // Of an absent manifest: no effect.
  absl::Status Remove(const oci::Digest& manifest);

 private:
  explicit StackCatalog(kv::KeyValueStore& store) : store_(store) {}
  absl::Status Load();

  kv::KeyValueStore& store_;
  mutable absl::Mutex mutex_;
  std::map<oci::Digest, std::vector<oci::Digest>> stacks_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::imaged
