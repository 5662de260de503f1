// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "lib/oci/digest.h"

namespace tug::imaged {

// Digests (of blobs, and of layers by diff id) that operations under way
// stand on. Whoever makes a reference pins first, then looks whether the
// content is there, then commits the reference, then unpins; so the collector
// never deletes what has just been found.
//
// Thread-safe.
class PinSet {
 public:
  // Pins until it is dropped. Not thread-safe. Must not outlive the set.
  class Scope {
   public:
    explicit Scope(PinSet& set) : set_(set) {}
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    // Waits while the collector deletes this very digest.
    void Add(const oci::Digest& digest);
    // Everything there is or comes, for content whose digest is not known
    // before it is stored.
    void AddEverything();

   private:
    PinSet& set_;
    std::vector<oci::Digest> digests_;
  };

  // One collection at a time. Pins that are released meanwhile count until
  // the end, because the marks may be older than the reference they guarded.
  void BeginCollection();
  void EndCollection();

  // False when pinned, by its digest or with everything. Otherwise nobody can
  // pin it until Spare.
  bool Doom(const oci::Digest& digest);
  void Spare(const oci::Digest& digest);

 private:
  void Pin(const oci::Digest& digest);
  void Unpin(const std::vector<oci::Digest>& digests);
  void Drop(const oci::Digest& digest) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  std::map<oci::Digest, int> pins_ ABSL_GUARDED_BY(mutex_);
  std::set<oci::Digest> doomed_ ABSL_GUARDED_BY(mutex_);
  std::vector<oci::Digest> released_ ABSL_GUARDED_BY(mutex_);
  bool collecting_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tug::imaged
