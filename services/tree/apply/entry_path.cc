// SPDX-License-Identifier: Apache-2.0
#include "services/tree/apply/entry_path.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace tug::tree {

absl::StatusOr<std::string> CleanEntryPath(absl::string_view path) {
  std::vector<absl::string_view> parts;
  for (absl::string_view part : absl::StrSplit(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
      continue;
    }
    if (parts.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("entry \"", absl::CHexEscape(path.substr(0, 200)),
                       "\" leads out of the layer"));
    }
    parts.pop_back();
  }
  return absl::StrJoin(parts, "/");
}

SplitPath SplitEntryPath(absl::string_view clean_path) {
  const size_t slash = clean_path.rfind('/');
  if (slash == absl::string_view::npos) return {"", std::string(clean_path)};
  return {std::string(clean_path.substr(0, slash)),
          std::string(clean_path.substr(slash + 1))};
}

}  // namespace tug::tree
