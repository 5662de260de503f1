// SPDX-License-Identifier: Apache-2.0
//
// The step into a pid namespace whose processes are not ours: that of the
// container for an exec, that of another container for a shared one. They see
// who is in it and may stop it, and with CAP_SYS_PTRACE use its root and its
// descriptors. So everything that needs the host is done before, by a process
// of the shim's own namespace, which here clones its successor and ends
// (ADR 0016). The successor is a child of the shim's and waits until the shim
// knows it: one that is given up runs nothing.
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "lib/sys/sibling.h"
#include "services/runtimed/init/child_report.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

// What is left by then that leads out of the container.
void CloseHosts(InitContext& context) {
  if (context.own_descriptors != -1) close(context.own_descriptors);
  context.own_descriptors = -1;
  const PlanTable& joins = context.plan->joins;
  for (uint32_t i = 0; i < joins.count; ++i) {
    close(context.plan.At<PlanJoin>(joins, i).fd);
  }
  if (context.plan->shm_namespace != 0) {
    close(static_cast<int>(context.plan->shm_namespace));
  }
}

// End of file: the shim has given up, or is gone.
long AwaitAdoption(const InitContext& context) {
  char byte = 0;
  ssize_t size = 0;
  do {
    size = recv(context.report_socket, &byte, sizeof(byte), 0);
  } while (size == -1 && errno == EINTR);
  if (size != sizeof(byte) || byte != kAdopted) _exit(0);
  return 0;
}

}  // namespace

long EnterPidNamespace(InitContext& context) {
  if (context.cloned_pid == nullptr) return 0;
  CloseHosts(context);
  context.operand = "in pid namespace";
  // The shim believes what it reads there: only this process may write it.
  if (madvise(context.cloned_pid, sizeof(pid_t), MADV_DONTFORK) != 0) {
    return -errno;
  }
  const long pid = sys::CloneSibling(context.cloned_pid);
  if (pid < 0) return pid;
  if (pid == 0) return AwaitAdoption(context);
  // The end itself tells the shim: by then no descriptor is held here, and the
  // end of a stream is its end.
  _exit(0);
}

}  // namespace tug::runtimed
