// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/volumed/drivers/volume_driver.h"
#include "services/volumed/volumes/record.pb.h"

namespace tug::volumed {

// A stored volume as its driver sees it.
inline DriverVolume ForDriver(const VolumeRecord& record) {
  const auto& options = record.options().values();
  return {record.name(), {options.begin(), options.end()}};
}

}  // namespace tug::volumed
