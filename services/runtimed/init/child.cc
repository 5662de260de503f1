// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/init/child.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "lib/sys/process.h"
#include "services/runtimed/init/child_report.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

// Status of a child that could not start its program; nobody sees it.
constexpr int kFailedStatus = 255;

struct SetupStep {
  LaunchStep name;
  StepFunction run;
};

// Before a filter could forbid it; what blocked the signals is over.
long ResetSignals(InitContext&) {
  sigset_t none;
  sigemptyset(&none);
  return sigprocmask(SIG_SETMASK, &none, nullptr) == 0 ? 0 : -errno;
}

void Send(const InitContext& context, const ChildReport& report) {
  send(context.report_socket, &report, sizeof(report), MSG_NOSIGNAL);
}

long TellReady(InitContext& context) {
  ChildReport report = {};
  report.type = ChildReportType::kReady;
  Send(context, report);
  return 0;
}

// Sources are opened in the host's mount namespace; after the pivot nothing of
// the host can be reached. Only then another container's pid namespace is
// entered, whose processes may look into this one (ADR 0016). Seccomp has two
// rows because, without no_new_privs, loading a filter needs the privileges
// that are then dropped.
constexpr SetupStep kContainerSteps[] = {
    {LaunchStep::kStandardStreams, CloseStrangers},
    {LaunchStep::kOpenSources, OpenOwnDescriptors},
    {LaunchStep::kJoinCgroups, JoinCgroups},
    {LaunchStep::kLimits, SetOomScore},
    {LaunchStep::kJoinNamespaces, JoinNamespaces},
    {LaunchStep::kOpenSources, OpenSources},
    {LaunchStep::kMakePrivate, MakePrivate},
    {LaunchStep::kMountRoot, MountRoot},
    {LaunchStep::kPivotRoot, PivotRoot},
    {LaunchStep::kClone, EnterPidNamespace},
    {LaunchStep::kMount, OpenPrivateProc},
    {LaunchStep::kOpenSources, ReopenOwnDescriptors},
    {LaunchStep::kSysctls, SetSysctls},
    {LaunchStep::kMountRoot, SetRootPropagation},
    {LaunchStep::kMount, ApplyMounts},
    {LaunchStep::kMakeDevices, MakeDevices},
    {LaunchStep::kOpenTerminal, OpenTerminal},
    {LaunchStep::kHostname, SetHostname},
    {LaunchStep::kLookUpUser, LookUpIdentity},
    {LaunchStep::kWorkingDirectory, EnterWorkingDirectory},
    {LaunchStep::kMaskPaths, MaskPaths},
    {LaunchStep::kReadOnlyPaths, MakePathsReadOnly},
    {LaunchStep::kMountRoot, SealRoot},
    {LaunchStep::kLimits, SetLimits},
    {LaunchStep::kAppArmor, SetAppArmor},
    {LaunchStep::kStandardStreams, SetStandardStreams},
    {LaunchStep::kStandardStreams, CloseInheritedFds},
    {LaunchStep::kStandardStreams, MakeSession},
    {LaunchStep::kStandardStreams, ResetSignals},
    {LaunchStep::kStandardStreams, TellReady},
    {LaunchStep::kDropPrivileges, ChangeUser},
    {LaunchStep::kDropPrivileges, DieWithShim},
    {LaunchStep::kSeccomp, LoadSeccompUnlessNoNewPrivs},
    {LaunchStep::kDropPrivileges, DropPrivileges},
    {LaunchStep::kSeccomp, LoadSeccompIfNoNewPrivs},
};

// The container's processes see an exec from EnterPidNamespace on.
constexpr SetupStep kExecSteps[] = {
    {LaunchStep::kStandardStreams, CloseStrangers},
    {LaunchStep::kOpenSources, OpenOwnDescriptors},
    {LaunchStep::kJoinCgroups, JoinCgroups},
    {LaunchStep::kLimits, SetOomScore},
    {LaunchStep::kJoinNamespaces, JoinContainer},
    {LaunchStep::kOpenTerminal, OpenRoot},
    {LaunchStep::kOpenTerminal, OpenExecTerminal},
    {LaunchStep::kLookUpUser, LookUpIdentity},
    {LaunchStep::kWorkingDirectory, EnterWorkingDirectory},
    {LaunchStep::kLimits, SetLimits},
    {LaunchStep::kAppArmor, OpenPrivateProc},
    {LaunchStep::kAppArmor, SetAppArmor},
    {LaunchStep::kStandardStreams, SetStandardStreams},
    {LaunchStep::kStandardStreams, CloseInheritedFds},
    {LaunchStep::kDropPrivileges, ConfineEarly},
    {LaunchStep::kClone, EnterPidNamespace},
    {LaunchStep::kStandardStreams, MakeSession},
    {LaunchStep::kStandardStreams, ResetSignals},
    {LaunchStep::kStandardStreams, TellReady},
    {LaunchStep::kDropPrivileges, ChangeUser},
    {LaunchStep::kDropPrivileges, DieWithShim},
    {LaunchStep::kSeccomp, LoadSeccompUnlessNoNewPrivs},
    {LaunchStep::kDropPrivileges, DropPrivileges},
    {LaunchStep::kSeccomp, LoadSeccompIfNoNewPrivs},
};

[[noreturn]] void Fail(const InitContext& context, LaunchStep step,
                       long error) {
  ChildReport report = {};
  report.type = ChildReportType::kFailed;
  report.step =
      context.failed_step != LaunchStep::kNone ? context.failed_step : step;
  report.error = static_cast<int32_t>(-error);
  snprintf(report.text, sizeof(report.text), "%s", context.operand);
  Send(context, report);
  _exit(kFailedStatus);
}

template <size_t kCount>
void RunSteps(InitContext& context, const SetupStep (&steps)[kCount]) {
  for (const SetupStep& step : steps) {
    context.operand = "";
    const long error = step.run(context);
    if (error != 0) Fail(context, step.name, error);
  }
}

}  // namespace

void RunChild(InitContext& context) {
  // Nobody may look into this process, which still has the host's rights.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (context.plan->kind == PlanKind::kExec) {
    RunSteps(context, kExecSteps);
  } else {
    RunSteps(context, kContainerSteps);
  }
  LaunchStep step = LaunchStep::kExec;
  const long error = RunProgram(context, &step);
  Fail(context, step, error);
}

}  // namespace tug::runtimed
