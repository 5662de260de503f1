// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/kv/key_value_store.h"
#include "lib/oci/descriptor.h"

namespace tug::imaged {

// Where a name points.
struct NamedImage {
  std::string name;  // Full reference, or a dangling name.
  oci::Descriptor target;
  absl::Time tagged;
};

using NameMap = std::map<std::string, NamedImage>;

// An image without any name is kept under "<none>@sha256:...", until it gets a
// name or is removed.
std::string DanglingName(const oci::Digest& target);
bool IsDanglingName(const std::string& name);

// The names of images; every change is on disk when it returns.
//
// Thread-safe. Reads never wait for the disk. Borrows the store.
class ImageCatalog {
 public:
  static absl::StatusOr<std::unique_ptr<ImageCatalog>> Open(
      kv::KeyValueStore& store);

  // All names at one instant.
  std::shared_ptr<const NameMap> Names() const;

  // Points `image.name` at its target and answers where it pointed before. A
  // target that loses its last name becomes dangling; one that gets a name
  // stops being dangling. With an empty name the target becomes dangling
  // unless it has a name.
  absl::StatusOr<std::optional<oci::Descriptor>> Put(NamedImage image);

  // Removes names; with `keep` they leave their targets dangling where those
  // were the last. Absent names: no effect.
  absl::Status Remove(const std::vector<std::string>& names, bool keep);

 private:
  explicit ImageCatalog(kv::KeyValueStore& store);
  absl::Status Load();
  absl::Status Commit(const NameMap& before, NameMap after);

  kv::KeyValueStore& store_;
  // One writer at a time; never held by readers.
  absl::Mutex write_mutex_;
  mutable absl::Mutex mutex_;
  // Shared with readers that still look at it; never changed, only replaced.
  std::shared_ptr<const NameMap> names_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::imaged
