// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/runtimed/init/context.h"

namespace tug::runtimed {

// Gives an attached mount MOUNT_ATTR_* (on top of those it has; atime bits
// replace) and a propagation. `recursive` is about the attributes; before
// Linux 5.12 they cannot be: -EOPNOTSUPP.
long ChangeMount(InitContext& context, int mount, bool recursive,
                 uint64_t attributes, PlanPropagation propagation);

}  // namespace tug::runtimed
