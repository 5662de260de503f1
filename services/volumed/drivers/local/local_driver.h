// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "lib/files/trash.h"
#include "lib/sys/unique_fd.h"
#include "services/volumed/drivers/volume_driver.h"

namespace tug::volumed {

// Volumes as directories of this host: <root>/volumes/<name>/_data, with
// something mounted over it while in use where the options ask for that.
//
// Thread-safe for different volumes.
class LocalDriver final : public VolumeDriver {
 public:
  // `root`: volumed's state directory; made where missing.
  static absl::StatusOr<std::unique_ptr<LocalDriver>> Open(
      const std::string& root);

  // Puts the directories in line with the catalog after a start: removes those
  // of no volume, and makes missing ones (empty, as a crash of the machine
  // left them).
  absl::Status Reconcile(const std::set<std::string>& names);

  absl::Status CheckOptions(
      const std::map<std::string, std::string>& options) const override;
  absl::Status Create(const DriverVolume& volume) override;
  absl::Status Remove(const DriverVolume& volume) override;
  absl::Status Mount(const DriverVolume& volume) override;
  absl::Status Unmount(const DriverVolume& volume) override;
  std::string Mountpoint(const DriverVolume& volume) const override;
  bool KeepsContent(const DriverVolume& volume) const override;
  int64_t Measure(const DriverVolume& volume) override;
  absl::StatusOr<UniqueFd> OpenStage(const DriverVolume& volume) override;
  absl::Status PutStaged(const DriverVolume& volume) override;
  void DropStaged(const DriverVolume& volume) override;

  Trash& removed() { return removed_; }

 private:
  LocalDriver(std::string path, UniqueFd volumes, UniqueFd removed)
      : path_(std::move(path)),
        volumes_(std::move(volumes)),
        removed_(std::move(removed)) {}

  absl::StatusOr<UniqueFd> OpenVolume(const std::string& name) const;

  const std::string path_;  // <root>/volumes
  const UniqueFd volumes_;
  Trash removed_;
};

}  // namespace tug::volumed
