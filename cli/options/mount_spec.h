// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "boost/json.hpp"

namespace tug::cli {

// Splits "a=b,c,\"d=e,f\"" into (key, value); a key alone has value "" and
// `has_value` false. INVALID_ARGUMENT for a broken quote.
struct SpecField {
  std::string key;
  std::string value;
  bool has_value = false;
};
absl::StatusOr<std::vector<SpecField>> SplitSpec(absl::string_view spec);

// --mount type=bind,source=/a,target=/b,... as the API's Mount.
// INVALID_ARGUMENT.
absl::StatusOr<boost::json::object> ParseMount(absl::string_view spec);

// -v: a container path alone (an anonymous volume), or what the API takes as
// a bind, with a source like "./x" made absolute against `directory`.
struct VolumeSpec {
  std::string anonymous;  // "/data", or empty.
  std::string bind;       // "/a:/b:ro", or empty.
};
absl::StatusOr<VolumeSpec> ParseVolume(absl::string_view spec,
                                       const std::string& directory);

}  // namespace tug::cli
