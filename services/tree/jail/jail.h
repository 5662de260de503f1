// SPDX-License-Identifier: Apache-2.0
//
// What tug-tree gives up, for good, before it reads the first foreign byte. A
// defect in a decompressor or in the tar reader then gives its finder one
// directory that is thrown away, and nothing else:
//
// 1. mount namespace: the directory, mounted nodev, nosuid and noexec, is the
//    root (a stream's process gets an empty one), so that there is no /proc, no
//    socket to connect to, and a device node is a name that cannot be opened;
// 2. network, IPC and UTS namespace: empty ones;
// 3. six capabilities for owners, modes and nodes (a stream's process: none),
//    no new privileges;
// 4. Landlock, where the kernel has it: the same directory, no signals and
//    abstract sockets beyond the process;
// 5. seccomp: an allow list of about 50 calls; anything else kills.
//
// Each step alone would refuse what jail_probe.cc tries; the test drops the
// last one to show that.
#pragma once

#include "absl/status/status.h"

namespace tug::tree {

// Of a process that only turns bytes into other bytes.
inline constexpr int kNoDirectory = -1;

// Steps 1 to 4. `directory` is replaced by a descriptor of the new root. Called
// while there is one thread; needs CAP_SYS_ADMIN, SYS_CHROOT and SETPCAP.
//
// Where a parent's Landlock forbids mount(2), step 1 is only a changed root,
// and PERMISSION_DENIED unless the directory's mount is nodev, nosuid and
// noexec already.
absl::Status EnterJail(int directory);

// All five.
absl::Status LockIn(int directory);

}  // namespace tug::tree
