// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/runtimed/init/context.h"

namespace tug::runtimed {

// Gives an attached mount MOUNT_ATTR_* on top of those it has; atime bits
// replace. -EOPNOTSUPP for `recursive` before Linux 5.12.
long AddAttributes(InitContext& context, int mount, bool recursive,
                   uint64_t attributes);

// Sets the propagation of an attached mount.
long SetPropagation(InitContext& context, int mount,
                    PlanPropagation propagation);

}  // namespace tug::runtimed
