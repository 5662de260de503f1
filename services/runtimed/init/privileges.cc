// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>

#include "lib/sys/process.h"
#include "lib/sys/sibling.h"
#include "services/runtimed/init/seccomp_verdict.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

static_assert(sizeof(sock_filter) == 8);

long LoadFilter(const InitContext& context) {
  const PlanTable& rows = context.plan->seccomp;
  if (rows.count == 0) return 0;
  return sys::LoadSeccomp(&context.plan.At<sock_filter>(rows, 0), rows.count);
}

struct Call {
  long number;
  uint64_t first = 0;
  uint64_t second = 0;
};

// What is still called behind ConfineEarly: keep it with EnterPidNamespace and
// the rows of child.cc that follow.
constexpr Call kCallsWhenConfined[] = {
    {.number = SYS_madvise},
    {.number = SYS_clone, .first = sys::kSiblingFlags},
    {.number = SYS_exit_group},
    {.number = SYS_recvfrom},
    {.number = SYS_sendto},
    {.number = SYS_setsid},
    {.number = SYS_ioctl, .second = TIOCSCTTY},
    {.number = SYS_rt_sigprocmask, .first = SIG_SETMASK},
    {.number = SYS_prctl, .first = PR_SET_PDEATHSIG, .second = SIGKILL},
#ifdef SYS_poll
    {.number = SYS_poll},
#else
    {.number = SYS_ppoll},
#endif
};

bool MayConfineEarly(const InitContext& context) {
  const PlanTable& rows = context.plan->seccomp;
  if (rows.count == 0) return true;
  const sock_filter* filter = &context.plan.At<sock_filter>(rows, 0);
  for (const Call& call : kCallsWhenConfined) {
    if (SeccompVerdict(filter, rows.count, call.number, call.first,
                       call.second) != SECCOMP_RET_ALLOW) {
      return false;
    }
  }
  return true;
}

}  // namespace

// The program dies with its shim. A change of ids clears this, so it comes
// after; a shim that died before leaves an error on the socket.
long DieWithShim(InitContext& context) {
  context.operand = "parent death signal";
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return -errno;
  pollfd shim = {context.report_socket, POLLOUT, 0};
  if (poll(&shim, 1, 0) < 0) return -errno;
  return (shim.revents & (POLLHUP | POLLERR)) == 0 ? 0 : -EOWNERDEAD;
}

// Ids change while the capabilities stay, for the filter still to be loaded.
long ChangeUser(InitContext& context) {
  if (context.confined) return 0;
  const UserIds& user = context.user;
  context.operand = "bounding set";
  long error = sys::LimitBoundingSet(context.plan->bounding_capabilities);
  if (error < 0) return error;
  context.operand = "groups";
  error = sys::SetGroups(user.groups, user.group_count);
  if (error == 0) error = sys::SetGid(user.gid);
  if (error < 0) return error;
  context.operand = "user";
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return -errno;
  error = sys::SetUid(user.uid);
  if (error < 0) return error;
  return prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) == 0 ? 0 : -errno;
}

// Before others can see this process, and take over all that it may: where the
// filter lets pass what is still to be called. Else the later steps do it.
long ConfineEarly(InitContext& context) {
  if (context.cloned_pid == nullptr || !MayConfineEarly(context)) return 0;
  long error = ChangeUser(context);
  context.failed_step = LaunchStep::kSeccomp;
  if (error == 0) error = LoadSeccompUnlessNoNewPrivs(context);
  if (error < 0) return error;
  context.failed_step = LaunchStep::kNone;
  error = DropPrivileges(context);
  if (error < 0) return error;
  context.failed_step = LaunchStep::kSeccomp;
  error = LoadSeccompIfNoNewPrivs(context);
  if (error < 0) return error;
  context.failed_step = LaunchStep::kNone;
  context.confined = true;
  return 0;
}

// Without no_new_privs, loading a filter needs CAP_SYS_ADMIN. Only capset(2)
// and execve(2) come after it, so that a narrow filter can still work.
long LoadSeccompUnlessNoNewPrivs(InitContext& context) {
  if (context.confined || context.plan.has(kPlanNoNewPrivileges)) return 0;
  context.operand = "filter";
  const uint64_t needed = context.plan->permitted_capabilities |
                          uint64_t{1} << CAP_SYS_ADMIN |
                          uint64_t{1} << CAP_SETPCAP;
  if (const long raised = sys::SetCapabilities(needed); raised < 0) {
    return raised;
  }
  return LoadFilter(context);
}

// Capabilities of an ordinary user are gone after the exec anyway; without
// them the search for the program has that user's rights.
long DropPrivileges(InitContext& context) {
  if (context.confined) return 0;
  context.operand = "capabilities";
  const uint64_t permitted =
      context.user.uid == 0 ? context.plan->permitted_capabilities : 0;
  return sys::SetCapabilities(permitted);
}

long LoadSeccompIfNoNewPrivs(InitContext& context) {
  if (context.confined || !context.plan.has(kPlanNoNewPrivileges)) return 0;
  context.operand = "filter";
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -errno;
  return LoadFilter(context);
}

}  // namespace tug::runtimed
