// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include "lib/oci/digest.h"
#include "services/imaged/transfer/registry_peer.h"

namespace tug::imaged {

// A registry in memory that can misbehave. Thread-safe once it is set up.
class FakeRegistry final : public RegistryPeer {
 public:
  // Serves `bytes` under their digest.
  oci::Digest Add(const std::string& bytes);
  // Serves other bytes under a digest.
  void Corrupt(const oci::Digest& digest, const std::string& bytes);

  absl::StatusOr<Manifest> GetManifest(const RemoteRepository& repository,
                                       const oci::Digest& digest) override;
  absl::StatusOr<std::unique_ptr<archive::Source>> ReadBlob(
      const RemoteRepository& repository, const oci::Digest& digest,
      int64_t offset, int64_t size, std::function<bool()> cancelled) override;

  // Breaks the next transfers of blobs off after so many bytes; -1: never.
  std::atomic<int64_t> break_after = -1;
  // Transfers wait at their first byte while this is set.
  std::atomic<bool> hold = false;
  // What was asked for.
  std::atomic<int> blob_reads = 0;
  std::atomic<int64_t> last_offset = 0;

 private:
  std::map<oci::Digest, std::string> content_;
};

}  // namespace tug::imaged
