// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/resource.h>

namespace tug {

// Raises the soft limit of open files to the hard one (a service has a few for
// each container). Called by RunProgram.
void RaiseOpenFileLimit();

// RLIMIT_NOFILE as this program was given it: what programs that it starts for
// users are to have, since some look at every number up to the soft limit.
rlimit GivenOpenFileLimit();

}  // namespace tug
