// SPDX-License-Identifier: Apache-2.0
#include "lib/archive/whiteout.h"

#include "absl/strings/match.h"

namespace tug::archive {

Whiteout ParseWhiteout(absl::string_view base_name) {
  if (!absl::StartsWith(base_name, kWhiteoutPrefix)) {
    return {WhiteoutKind::kNone, {}};
  }
  if (base_name == kOpaqueName) return {WhiteoutKind::kOpaque, {}};
  const absl::string_view name = base_name.substr(kWhiteoutPrefix.size());
  if (absl::StartsWith(name, kWhiteoutPrefix)) {
    return {WhiteoutKind::kInternal, {}};
  }
  if (name.empty() || name == "." || name == "..") {
    return {WhiteoutKind::kInvalid, {}};
  }
  return {WhiteoutKind::kRemove, name};
}

}  // namespace tug::archive
