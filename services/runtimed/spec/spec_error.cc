// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/spec_error.h"

#include "lib/base/status.h"

namespace tug::runtimed {

absl::Status SpecError(absl::string_view text) {
  return WithReason(absl::InvalidArgumentError(text), "CONTAINER_SPEC_INVALID");
}

}  // namespace tug::runtimed
