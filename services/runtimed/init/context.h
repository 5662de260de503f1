// SPDX-License-Identifier: Apache-2.0
//
// What the steps of a start share. One object on the child's stack.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "services/runtimed/init/launch_plan.h"
#include "services/runtimed/init/user_lookup.h"
#include "services/runtimed/protocol/protocol.h"

namespace tug::runtimed {

// State of one child between clone and exec. Descriptors are plain numbers:
// all of them go at once just before the exec.
struct InitContext {
  PlanView plan;
  // SOCK_SEQPACKET to the shim; see child_report.h.
  int report_socket = -1;
  // What becomes 0, 1, 2; with a terminal the step that opens it sets them.
  // No input: -1.
  int streams[3] = {-1, -1, -1};
  // The container's init, for an exec; else -1.
  int container_pidfd = -1;
  uint64_t container_namespaces = 0;

  // Where the process that enters another container's pid namespace is noted:
  // a page that the shim and this process share. Null: none is entered.
  pid_t* cloned_pid = nullptr;

  // Opened in the host's mount namespace, one for each row; -1: none.
  int mount_sources[kMaxPlanMounts];
  int cgroup_sources[kMaxPlanCgroups];
  // A copy of the host's null device, for masks when /dev is not ours.
  int host_null = -1;

  // /proc/self/fd of the host's procfs (behind EnterPidNamespace: of the
  // container's), by which what was opened with O_PATH and looked at is opened
  // for use. Whoever has it has the host's root (`../../1/root`).
  int own_descriptors = -1;
  // The container's root, O_PATH.
  int root = -1;
  // A procfs of the container's pid namespace that no path can redirect.
  int proc = -1;
  // The tmpfs at /dev and the devpts, when they are ours.
  int dev = -1;
  int devpts = -1;
  UserIds user;
  // Ids, filter and capabilities are the program's already.
  bool confined = false;

  // What the failing step worked on, for the report.
  const char* operand = "";
  // Set where the failure has a finer name than the step's own.
  LaunchStep failed_step = LaunchStep::kNone;
};

// One part of a start: 0 or -errno, with `operand` set on failure where that
// helps.
using StepFunction = long (*)(InitContext& context);

}  // namespace tug::runtimed
