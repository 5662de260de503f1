// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::tree {

// The name of an archive's entry as a clean relative path: no leading slash,
// no ".", ".." resolved in the text. "" is the root. INVALID_ARGUMENT when it
// leads out of the root.
absl::StatusOr<std::string> CleanEntryPath(absl::string_view path);

// Splits a clean path: "a/b/c" is {"a/b", "c"}, "c" is {"", "c"}.
struct SplitPath {
  std::string parent;
  std::string name;
};
SplitPath SplitEntryPath(absl::string_view clean_path);

}  // namespace tug::tree
