// SPDX-License-Identifier: Apache-2.0
#include "services/netd/sandboxes/remove_link.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/netd/sandboxes/name_files.h"

namespace tug::netd {

absl::StatusOr<network::v1::Sandbox> RemoveLink(SandboxOwner& owner,
                                                absl::string_view lease,
                                                absl::string_view alias) {
  ASSIGN_OR_RETURN(SandboxClaim claim, owner.catalog.Claim(lease));
  auto& links = *claim.sandbox().mutable_links();
  const auto link = std::find_if(
      links.begin(), links.end(),
      [&](const network::v1::Link& one) { return one.alias() == alias; });
  if (link == links.end()) {
    return WithReason(absl::NotFoundError(absl::StrCat("container ", lease,
                                                       " has no link ", alias)),
                      "LINK_UNKNOWN");
  }
  links.erase(link);
  const LiveSandbox* const live = claim.live().get();
  if (live != nullptr) {
    RETURN_IF_ERROR(WriteHostsFile(owner, claim.sandbox(), *live,
                                   ContainerFiles::Edits::kKeep));
    RETURN_IF_ERROR(owner.attachments.Write(*live, claim.sandbox()));
  }
  RETURN_IF_ERROR(claim.Save());
  claim.Publish();
  return claim.sandbox();
}

}  // namespace tug::netd
