// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "services/volumed/volumes/volume_catalog.h"

namespace tug::volumed {

// The right to change one volume, until destroyed.
class VolumeCatalog::Claim {
 public:
  Claim(VolumeCatalog& catalog, std::string name)
      : catalog_(catalog), name_(std::move(name)) {}
  ~Claim() {
    absl::MutexLock lock(&catalog_.mutex_);
    catalog_.claimed_.erase(name_);
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

 private:
  VolumeCatalog& catalog_;
  const std::string name_;
};

}  // namespace tug::volumed
