// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/oci/image_config.h"
#include "services/imaged/layers/layer_catalog.h"
#include "services/imaged/snapshots/snapshot_table.h"

namespace tug::imaged {

// The directories below a container's writable layer.
struct LayerStack {
  // Uppermost first, relative to the state directory: "l/12".
  std::vector<std::string> directories;
  // What the container's root directory looks like.
  RootAttributes root;
  // Of the layers, on disk.
  int64_t bytes = 0;
};

// NOT_FOUND when a layer is not unpacked. `empty_layer` names a directory for
// images without layers, because overlay needs one.
absl::StatusOr<LayerStack> StackLayers(const LayerCatalog& layers,
                                       const oci::ImageConfig& config,
                                       const std::string& empty_layer);

}  // namespace tug::imaged
