// SPDX-License-Identifier: Apache-2.0
//
// The kernel's mount interface by descriptors (fsopen(2), open_tree(2),
// move_mount(2), mount_setattr(2)). Async-signal-safe; a value >= 0 or -errno.
#pragma once

#include <cstdint>

namespace tug::sys {

// A configuration context for a new file system; close-on-exec.
long FsOpen(const char* type);

// Longest value that fsconfig(2) takes, without the NUL.
inline constexpr unsigned kMaxFsConfigValue = 255;

// Sets "key" (`value` null) or "key=value".
long FsSet(int context, const char* key, const char* value);

// Sets each part of "a,b=c,d": at most 4095 bytes.
long FsSetOptions(int context, const char* options);

// Makes the superblock and answers a detached mount with MOUNT_ATTR_*.
long FsCreateMount(int context, uint64_t attributes);

// FsOpen, FsSetOptions and FsCreateMount at once.
long MakeMount(const char* type, const char* options, uint64_t attributes);

// A detached copy of what `path` shows, with everything mounted below it when
// `recursive`. An empty path means `directory` itself.
long CloneTree(int directory, const char* path, bool recursive);

// Attaches the detached mount at what the O_PATH descriptor `target` names.
long AttachMount(int mount, int target);

// Sets and clears MOUNT_ATTR_*; `propagation` is MS_PRIVATE, MS_SLAVE,
// MS_SHARED or 0. -ENOSYS before Linux 5.12.
long SetMountAttributes(int mount, bool recursive, uint64_t set, uint64_t clear,
                        uint64_t propagation);

}  // namespace tug::sys
