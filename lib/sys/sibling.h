// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sched.h>
#include <sys/types.h>

#include <csignal>

namespace tug::sys {

// What CloneSibling asks clone(2) for: its first argument, for who has to know
// whether a seccomp filter lets it pass.
inline constexpr unsigned long kSiblingFlags =
    CLONE_PARENT | CLONE_PARENT_SETTID | SIGCHLD;

// clone(2) like fork(2), but the new process is a child of the caller's
// parent, which is signalled at its end as at the caller's. Its number, as the
// caller sees it, is at `*pid` in the caller's memory before the new process
// runs. Returns the number, in the new process 0, or -errno. Not clone3(2),
// which many seccomp filters refuse because they cannot see its flags.
// Async-signal-safe.
long CloneSibling(pid_t* pid);

}  // namespace tug::sys
