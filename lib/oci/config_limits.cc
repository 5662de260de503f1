// SPDX-License-Identifier: Apache-2.0
#include "lib/oci/config_limits.h"

#include "absl/strings/str_cat.h"

namespace tug::oci {

absl::Status CheckConfigSize(const ConfigSize& size,
                             const ConfigLimits& limits) {
  struct Part {
    const char* name;
    size_t bytes;
    size_t limit;
  };
  const Part parts[] = {
      {"labels", size.labels, limits.labels},
      {"environment", size.environment, limits.environment},
      {"command", size.command, limits.command},
      {"health check's test", size.health_test, limits.health_test},
  };
  for (const Part& part : parts) {
    if (part.bytes <= part.limit) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(part.name, " of ", part.bytes, " bytes: at most ",
                     part.limit, " are allowed"));
  }
  return absl::OkStatus();
}

}  // namespace tug::oci
