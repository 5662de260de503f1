// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/restart_policy_spec.h"

#include "absl/strings/str_cat.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {

absl::Status CheckRestartPolicy(const runtime::v1::RestartPolicy& policy) {
  const std::string& name = policy.name();
  const int64_t limit = policy.maximum_retry_count();
  // Docker before 25 stored an empty name with any count.
  if (name.empty()) return absl::OkStatus();
  if (name == "on-failure") {
    return limit >= 0 ? absl::OkStatus()
                      : SpecError(
                            "invalid restart policy: maximum retry count "
                            "cannot be negative");
  }
  if (name != "no" && name != "always" && name != "unless-stopped") {
    return SpecError(absl::StrCat("invalid restart policy: unknown policy '",
                                  name,
                                  "'; use one of 'no', 'always', "
                                  "'on-failure', or 'unless-stopped'"));
  }
  if (limit == 0) return absl::OkStatus();
  return SpecError(absl::StrCat(
      "invalid restart policy: maximum retry count can only be used with "
      "'on-failure'",
      limit < 0 ? " and cannot be negative" : ""));
}

}  // namespace tug::runtimed
