// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "lib/oci/digest.h"

namespace tug::imaged {

// Which containers stand on which image. Implemented by the snapshots.
class LeaseUsage {
 public:
  virtual ~LeaseUsage() = default;
  struct Use {
    std::string lease;
    oci::Digest image;     // What the name pointed at.
    oci::Digest manifest;  // The platform's manifest.
  };
  // At one instant; from memory. Thread-safe.
  virtual std::vector<Use> Uses() const = 0;
};

}  // namespace tug::imaged
