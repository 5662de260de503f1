// SPDX-License-Identifier: Apache-2.0
//
// Files that the container's root can put there, opened with the host's rights:
// each is looked at before it is opened, so that opening and reading it has no
// effect beyond its bytes. A symlink or a mount to /proc/kmsg, a device node or
// a fifo is not opened at all.
#pragma once

#include <sys/types.h>

#include "lib/sys/unique_fd.h"
#include "services/runtimed/init/context.h"

namespace tug::runtimed {

// Opens for reading the regular file at `path` of the root file system itself:
// what is mounted over it, or over a directory that leads to it, is seen
// through. Invalid where there is none, or something else. 0 or -errno.
long OpenImageFile(InitContext& context, const char* path, UniqueFd* file);

// Opens for reading the regular file that the container sees at `path` if it is
// not the image's own: somebody has mounted it there. Invalid where there is no
// such file, or it is one of procfs. 0 or -errno.
long OpenMountedFile(InitContext& context, const char* path, UniqueFd* file);

// Opens the character device at `path`, as the container sees it, if it is
// `device`. Invalid if not. 0 or -errno.
long OpenDevice(InitContext& context, const char* path, dev_t device, int flags,
                UniqueFd* opened);

}  // namespace tug::runtimed
