// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/sys/unique_fd.h"

namespace tug::runtimed {

// A container can open /proc/self/exe of a process that is about to exec in it,
// so a shim runs from a sealed memfd whose content nobody can change
// (CVE-2019-5736). Its mode, owner and access list can be changed all the same,
// by any root that reaches it: no two shims share one. runtimed keeps a copy
// that is never run, makes one of it for each spawn ("/proc/self/fd/<n>"), and
// so outlives an upgrade of the file. See docs/adr/0014-a-copy-a-shim.md.

// Copies the program that `program` reads to a sealed memfd (close-on-exec, 32
// or above). 0 or -errno.
long SealProgram(int program, UniqueFd* copy);

// The same of the file at `path`.
long SealProgramAt(const char* path, UniqueFd* copy);

// Whether the running program is such a copy.
bool RunsSealed();

}  // namespace tug::runtimed
