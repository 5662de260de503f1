// SPDX-License-Identifier: Apache-2.0
#include "services/netd/sandboxes/adopt_sandbox.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/netd/sandboxes/name_files.h"
#include "services/netd/sandboxes/sandbox_names.h"

namespace tug::netd {

absl::Status AdoptSandbox(SandboxOwner& owner, absl::string_view lease,
                          UniqueFd ns) {
  ASSIGN_OR_RETURN(SandboxClaim claim, owner.catalog.Claim(lease));
  if (claim.sandbox().mode() == network::v1::Sandbox::HOST) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(CheckContainerNamespace(ns));
  LiveSandbox* const live = claim.live().get();
  if (live == nullptr) {
    return WithReason(
        absl::FailedPreconditionError(absl::StrCat(
            "nothing is known of an attachment of container ", lease)),
        "ATTACHMENT_UNKNOWN");
  }
  if (live->ns.valid()) {
    if (IsSameNamespace(live->ns, ns)) return absl::OkStatus();
    return WithReason(absl::InvalidArgumentError(absl::StrCat(
                          "container ", lease, " has another namespace")),
                      "NAMESPACE_INVALID");
  }
  live->ns = std::move(ns);
  if (NeedsResolver(*live)) {
    const absl::Status started =
        StartResolverInside(owner, claim.sandbox(), *live);
    if (!started.ok()) {
      live->ns.reset();
      return started;
    }
  }
  Describe(*live, claim.sandbox());
  claim.Publish();
  return absl::OkStatus();
}

}  // namespace tug::netd
