// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "lib/archive/tar_writer.h"
#include "services/imaged/trees/merged_tree.h"

namespace tug::imaged {

// Writes what a path of a tree holds as tar: a directory as "./" and
// everything below it, anything else as one entry of its own name. Hard links,
// extended attributes and holes are kept, sockets left out.
absl::Status WriteTree(const MergedTree& tree,
                       const MergedTree::Resolved& resolved,
                       archive::TarWriter& writer,
                       const std::function<bool()>& cancelled);

}  // namespace tug::imaged
