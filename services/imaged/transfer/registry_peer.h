// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "lib/archive/stream.h"
#include "lib/oci/digest.h"

namespace tug::imaged {

// Where a pull gets its bytes: a repository seen with someone's credentials.
struct RemoteRepository {
  std::string session;     // Of the registry service.
  std::string repository;  // "docker.io/library/debian"
};

// The registry service, as a pull needs it. Thread-safe. Errors keep the
// registry service's code, reason and words.
class RegistryPeer {
 public:
  virtual ~RegistryPeer() = default;

  struct Manifest {
    std::string media_type;
    std::string content;
  };
  virtual absl::StatusOr<Manifest> GetManifest(
      const RemoteRepository& repository, const oci::Digest& digest) = 0;

  // The blob's bytes from `offset` on. A transfer that breaks off is a failed
  // read, never a short one.
  virtual absl::StatusOr<std::unique_ptr<archive::Source>> ReadBlob(
      const RemoteRepository& repository, const oci::Digest& digest,
      int64_t offset, int64_t size, std::function<bool()> cancelled) = 0;
};

}  // namespace tug::imaged
