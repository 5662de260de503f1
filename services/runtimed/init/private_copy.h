// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/runtimed/init/context.h"

namespace tug::runtimed {

// A detached mount of a copy of the regular file `source`, executable, in a
// tmpfs of its own: whatever the container's root does to the inode, its mode
// or its content stays in this container. -EINVAL for what is no regular file.
long MakePrivateCopy(InitContext& context, int source);

}  // namespace tug::runtimed
