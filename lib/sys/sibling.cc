// SPDX-License-Identifier: Apache-2.0
#include "lib/sys/sibling.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace tug::sys {

// The first three arguments are in the same place on every machine that has
// the flags first: all but s390 and cris.
long CloneSibling(pid_t* pid) {
  const long result = syscall(SYS_clone, kSiblingFlags, nullptr, pid, 0, 0);
  return result == -1 ? -errno : result;
}

}  // namespace tug::sys
