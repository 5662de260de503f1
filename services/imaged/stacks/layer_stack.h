// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/oci/digest.h"
#include "services/imaged/layers/layer_catalog.h"

namespace tug::imaged {

// Attributes of a root directory.
struct RootAttributes {
  unsigned mode = 0755;
  unsigned uid = 0;
  unsigned gid = 0;
};

// The directories below a container's writable layer.
struct LayerStack {
  // Uppermost first, relative to the state directory: "l/12".
  std::vector<std::string> directories;
  // What the container's root directory looks like.
  RootAttributes root;
  // Of the layers, on disk.
  int64_t bytes = 0;
};

// Stacks layers, given base first, on the base layer of all images. NOT_FOUND
// when one is not unpacked.
absl::StatusOr<LayerStack> StackLayers(const LayerCatalog& catalog,
                                       const std::vector<oci::Digest>& layers);

}  // namespace tug::imaged
