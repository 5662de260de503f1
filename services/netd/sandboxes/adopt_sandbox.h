// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/sys/unique_fd.h"
#include "services/netd/sandboxes/sandbox_owner.h"

namespace tug::netd {

// SandboxService.AdoptSandbox. FAILED_PRECONDITION (ATTACHMENT_UNKNOWN) if
// nothing is known of an attachment in this boot of the machine.
absl::Status AdoptSandbox(SandboxOwner& owner, absl::string_view lease,
                          UniqueFd ns);

}  // namespace tug::netd
