// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/imaged/images/document_cache.h"
#include "services/imaged/images/image_catalog.h"

namespace tug::imaged {

// What a user's text stands for.
struct FoundImage {
  oci::Descriptor target;
  // Every name of the target, sorted; dangling ones too.
  std::vector<NamedImage> names;
  // The name that the text spelled out; empty when it was an id.
  std::string matched_name;
};

// Looks `text` up as reference, id, unique prefix of an id, or config digest,
// in this order. NOT_FOUND (IMAGE_UNKNOWN), INVALID_ARGUMENT
// (REFERENCE_INVALID | IMAGE_AMBIGUOUS).
absl::StatusOr<FoundImage> FindImage(const NameMap& names,
                                     DocumentCache& documents,
                                     absl::string_view text);

}  // namespace tug::imaged
