// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/sys/unique_fd.h"

namespace tug::runtimed {

// A container can open /proc/self/exe of a process that is about to exec in it
// (CVE-2019-5736), so a shim runs from a sealed copy that nobody can change.
// runtimed makes one copy and spawns every shim as "/proc/self/fd/<n>": the
// copy is shared, costs nothing per start, and outlives an upgrade. A shim that
// finds itself in an ordinary file makes its own copy first.

// Copies the program at `path` to a sealed memfd (close-on-exec, 32 or above).
// 0 or -errno.
long SealProgram(const char* path, UniqueFd* program);

// Whether the running program is such a copy.
bool RunsSealed();

}  // namespace tug::runtimed
