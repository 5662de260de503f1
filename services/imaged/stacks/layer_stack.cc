// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/stacks/layer_stack.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "services/imaged/stacks/base_layer.h"

namespace tug::imaged {

absl::StatusOr<LayerStack> StackLayers(const LayerCatalog& catalog,
                                       const std::vector<oci::Digest>& layers) {
  LayerStack stack;
  bool root_found = false;
  std::set<oci::Digest> stacked;
  for (auto id = layers.rbegin(); id != layers.rend(); ++id) {
    // Overlay refuses a directory twice; the lower one shows nothing that the
    // upper one does not.
    if (!stacked.insert(*id).second) continue;
    ASSIGN_OR_RETURN(const v1::LayerRecord layer, catalog.Find(*id));
    stack.directories.push_back(absl::StrCat("l/", layer.number()));
    stack.bytes += layer.bytes();
    if (!root_found && layer.has_root()) {
      stack.root = {layer.root_mode(), layer.root_uid(), layer.root_gid()};
      root_found = true;
    }
    if (layer.root_opaque()) break;
  }
  stack.directories.push_back(kBaseLayer);
  return stack;
}

}  // namespace tug::imaged
