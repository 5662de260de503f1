// SPDX-License-Identifier: Apache-2.0
#include <linux/capability.h>
#include <poll.h>
#include <sys/prctl.h>

#include <cerrno>
#include <csignal>

#include "lib/sys/process.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

constexpr size_t kSeccompRowSize = 8;

long LoadFilter(const InitContext& context) {
  const PlanTable& rows = context.plan->seccomp;
  if (rows.count == 0) return 0;
  struct Row {
    char bytes[kSeccompRowSize];
  };
  return sys::LoadSeccomp(&context.plan.At<Row>(rows, 0), rows.count);
}

// The program dies with its shim. A change of ids clears this, so it comes
// after; a shim that died before leaves an error on the socket.
long DieWithShim(const InitContext& context) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return -errno;
  pollfd shim = {context.report_socket, POLLOUT, 0};
  if (poll(&shim, 1, 0) < 0) return -errno;
  return (shim.revents & (POLLHUP | POLLERR)) == 0 ? 0 : -EOWNERDEAD;
}

// Ids change while the capabilities stay, for the filter still to be loaded.
long ChangeIds(InitContext& context) {
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
  if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) != 0) return -errno;
  context.operand = "parent death signal";
  return DieWithShim(context);
}

}  // namespace

// Without no_new_privs, loading a filter needs CAP_SYS_ADMIN. Only capset(2)
// and execve(2) come after it, so that a narrow filter can still work.
long LoadSeccompUnlessNoNewPrivs(InitContext& context) {
  const long error = ChangeIds(context);
  if (error < 0 || context.plan.has(kPlanNoNewPrivileges)) return error;
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
  context.operand = "capabilities";
  const uint64_t permitted =
      context.user.uid == 0 ? context.plan->permitted_capabilities : 0;
  return sys::SetCapabilities(permitted);
}

long LoadSeccompIfNoNewPrivs(InitContext& context) {
  if (!context.plan.has(kPlanNoNewPrivileges)) return 0;
  context.operand = "filter";
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -errno;
  return LoadFilter(context);
}

}  // namespace tug::runtimed
