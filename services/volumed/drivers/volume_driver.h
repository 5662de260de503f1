// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/sys/unique_fd.h"

namespace tug::volumed {

// A volume as its driver sees it.
struct DriverVolume {
  std::string name;
  std::map<std::string, std::string> options;
};

// Makes volumes of one kind. Calls for one volume come one at a time, for
// different volumes at once. All may block.
class VolumeDriver {
 public:
  virtual ~VolumeDriver() = default;

  // INVALID_ARGUMENT (VOLUME_OPTIONS_INVALID).
  virtual absl::Status CheckOptions(
      const std::map<std::string, std::string>& options) const = 0;

  // Makes an empty volume; replaces what an interrupted creation left.
  virtual absl::Status Create(const DriverVolume& volume) = 0;

  // Deletes volume and content. Of an absent one: no effect.
  virtual absl::Status Remove(const DriverVolume& volume) = 0;

  // Makes the content reachable at Mountpoint(). Idempotent.
  // FAILED_PRECONDITION (VOLUME_MOUNT_FAILED).
  virtual absl::Status Mount(const DriverVolume& volume) = 0;

  // Undoes Mount. Idempotent.
  virtual absl::Status Unmount(const DriverVolume& volume) = 0;

  virtual std::string Mountpoint(const DriverVolume& volume) const = 0;

  // Whether a new volume takes copied content that stays (a tmpfs does not).
  virtual bool KeepsContent(const DriverVolume& volume) const = 0;

  // Bytes on disk, -1 if that cannot be told.
  virtual int64_t Measure(const DriverVolume& volume) = 0;

  // An empty directory to fill before anyone sees the content. PutStaged makes
  // it the content, DropStaged deletes it.
  virtual absl::StatusOr<UniqueFd> OpenStage(const DriverVolume& volume) = 0;
  // ALREADY_EXISTS if the volume has content by now.
  virtual absl::Status PutStaged(const DriverVolume& volume) = 0;
  virtual void DropStaged(const DriverVolume& volume) = 0;
};

}  // namespace tug::volumed
