// SPDX-License-Identifier: Apache-2.0
//
// What is found out, and left behind, when a container ends.
#pragma once

#include <cstdint>

#include "services/runtimed/init/launch_plan.h"
#include "services/runtimed/protocol/protocol.h"

namespace tug::runtimed {

// 0 to 255, or 128 + signal, from a status of waitpid(2).
int ExitCode(int wait_status);

// The counter "oom_kill" of `path` (v1 memory.oom_control, v2 memory.events);
// 0 if it cannot be read.
uint64_t ReadOomKills(const char* path);

// Parses "oom_kill <n>" out of such a file.
uint64_t ParseOomKills(const char* text);

// Writes the record and renames it into place. Not synced: it is for a
// runtimed of the same boot, which syncs the exit code in its own records.
long WriteExitRecord(const char* path, const ExitRecord& record);

// Kills what is left in the container's cgroup, for containers that share
// somebody's pid namespace: there the end of the init ends nobody else.
void KillCgroup(const PlanView& plan);

}  // namespace tug::runtimed
