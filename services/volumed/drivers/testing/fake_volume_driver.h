// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>

#include <functional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "services/volumed/drivers/volume_driver.h"

namespace tug::volumed {

// Volumes that exist in name only. Option "fail" makes mounting fail.
class FakeVolumeDriver final : public VolumeDriver {
 public:
  absl::Status CheckOptions(
      const std::map<std::string, std::string>& options) const override {
    if (!options.contains("bad")) return absl::OkStatus();
    return WithReason(absl::InvalidArgumentError("bad option"),
                      "VOLUME_OPTIONS_INVALID");
  }
  absl::Status Create(const DriverVolume& volume) override {
    volumes.insert(volume.name);
    during_create();
    return absl::OkStatus();
  }
  absl::Status Remove(const DriverVolume& volume) override {
    volumes.erase(volume.name);
    return absl::OkStatus();
  }
  absl::Status Mount(const DriverVolume& volume) override {
    if (volume.options.contains("fail")) {
      return WithReason(absl::FailedPreconditionError("no"),
                        "VOLUME_MOUNT_FAILED");
    }
    mounted.insert(volume.name);
    return absl::OkStatus();
  }
  absl::Status Unmount(const DriverVolume& volume) override {
    mounted.erase(volume.name);
    return absl::OkStatus();
  }
  std::string Mountpoint(const DriverVolume& volume) const override {
    return absl::StrCat("/fake/", volume.name);
  }
  bool KeepsContent(const DriverVolume& volume) const override { return true; }
  int64_t Measure(const DriverVolume& volume) override { return 7; }
  absl::StatusOr<UniqueFd> OpenStage(const DriverVolume& volume) override {
    return UniqueFd(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  absl::Status PutStaged(const DriverVolume& volume) override {
    return absl::OkStatus();
  }
  void DropStaged(const DriverVolume& volume) override { ++dropped; }

  // Runs while a volume is being made.
  std::function<void()> during_create = [] {};
  std::set<std::string> volumes;
  std::set<std::string> mounted;
  int dropped = 0;
};

}  // namespace tug::volumed
