// SPDX-License-Identifier: Apache-2.0
//
// Steps that move the child to its cgroups and namespaces.
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>

#include "lib/sys/file.h"
#include "lib/sys/process.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {

// "0" means the writer. `tasks`, never `cgroup.procs`: the latter waits for an
// RCU grace period, about 12 ms (the child has one thread, so it is the same).
long JoinCgroups(InitContext& context) {
  const PlanTable& tasks = context.plan->cgroup_tasks;
  for (uint32_t i = 0; i < tasks.count; ++i) {
    context.operand = context.plan.TextAt(tasks, i);
    const long error = sys::WriteFileAt(AT_FDCWD, context.operand, "0");
    if (error < 0) return error;
  }
  // Only now: its root is the cgroup that the maker is in.
  if ((context.plan->new_namespaces & CLONE_NEWCGROUP) == 0) return 0;
  context.operand = "new cgroup namespace";
  return unshare(CLONE_NEWCGROUP) == 0 ? 0 : -errno;
}

// A pid namespace is joined for children only: see EnterPidNamespace.
long JoinNamespaces(InitContext& context) {
  const PlanTable& joins = context.plan->joins;
  for (uint32_t i = 0; i < joins.count; ++i) {
    const PlanJoin& join = context.plan.At<PlanJoin>(joins, i);
    context.operand = NamespaceName(join.namespace_flag);
    const long error =
        sys::JoinNamespace(join.fd, static_cast<int>(join.namespace_flag));
    if (error < 0) return error;
  }
  return 0;
}

long JoinContainer(InitContext& context) {
  context.operand = "of the container";
  return sys::JoinNamespace(context.container_pidfd,
                            static_cast<int>(context.container_namespaces));
}

const char* NamespaceName(uint64_t flag) {
  switch (flag) {
    case CLONE_NEWNET:
      return "network";
    case CLONE_NEWIPC:
      return "ipc";
    case CLONE_NEWUTS:
      return "uts";
    case CLONE_NEWPID:
      return "pid";
    case CLONE_NEWCGROUP:
      return "cgroup";
    default:
      return "time";
  }
}

}  // namespace tug::runtimed
