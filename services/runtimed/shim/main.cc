// SPDX-License-Identifier: Apache-2.0
//
// tug-shim: one container's processes, streams, log and exit status. Takes no
// arguments; protocol.h tells which descriptors it is spawned with.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>

#include "services/runtimed/shim/sealed_program.h"
#include "services/runtimed/shim/shim.h"

namespace tug::runtimed {
namespace {

// Large, and all zero until used.
Shim shim;

constexpr int kLastSignal = 64;
// The kernel's struct sigaction: handler, flags, restorer, mask.
constexpr uint64_t kDefaultAction[4] = {};

// Dispositions are inherited by everything that runs here: start clean. With
// all signals blocked nothing but SIGKILL ends a shim before its container.
void TakeSignals() {
  for (int signal = 1; signal <= kLastSignal; ++signal) {
    // All zero: the default. glibc would refuse the two that it keeps.
    syscall(SYS_rt_sigaction, signal, kDefaultAction, nullptr,
            sizeof(uint64_t));
  }
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, nullptr);
}

int Run(char** argv) {
  if (!RunsSealed()) {
    UniqueFd program;
    const long error = SealProgramAt("/proc/self/exe", &program);
    if (error == 0) {
      fexecve(program.get(), argv, environ);
      perror("tug-shim: exec sealed copy");
    }
    return 1;
  }
  TakeSignals();
  prctl(PR_SET_NAME, "tug-shim", 0, 0, 0);
  // Orphans of containers in a shared pid namespace come here.
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (fcntl(kControlFd, F_SETFD, FD_CLOEXEC) != 0 ||
      fcntl(kPlanFd, F_SETFD, FD_CLOEXEC) != 0) {
    fputs(
        "tug-shim: started without control socket (3) and plan (4); "
        "runtimed does that\n",
        stderr);
    return 1;
  }
  if (chdir("/") != 0) return 1;
  umask(0077);
  return shim.Run();
}

}  // namespace
}  // namespace tug::runtimed

int main(int, char** argv) { return tug::runtimed::Run(argv); }
