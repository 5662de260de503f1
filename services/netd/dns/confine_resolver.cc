// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/confine_resolver.h"

#include <sys/prctl.h>

#include <cerrno>

#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/kernel/seccomp_compile.h"
#include "lib/sys/process.h"

namespace tug::netd::dns {

absl::Status ConfineResolver() {
  kernel::SeccompPolicy policy;
  policy.foreign_architectures = false;
  kernel::SeccompRule allowed;
  allowed.names = {// Sockets that were handed over.
                   "accept4", "close", "epoll_ctl", "epoll_wait", "epoll_pwait",
                   "getsockopt", "read", "recvfrom", "recvmsg", "sendmsg",
                   "sendto", "shutdown", "write", "writev",
                   // Memory.
                   "brk", "madvise", "mmap", "mprotect", "mremap", "munmap",
                   // Time and chance.
                   "clock_gettime", "clock_nanosleep", "getrandom",
                   "gettimeofday", "nanosleep",
                   // What the C library does by itself, and the end.
                   "exit", "exit_group", "fstat", "futex", "getpid", "gettid",
                   "restart_syscall", "rt_sigaction", "rt_sigprocmask",
                   "rt_sigreturn", "setitimer", "sched_yield", "tgkill"};
  policy.rules.push_back(std::move(allowed));
  ASSIGN_OR_RETURN(const auto program, kernel::CompileSeccomp(policy));
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_DUMPABLE, 0) != 0) {
    return ErrnoStatus(errno, "confine the resolver");
  }
  const long loaded = sys::LoadSeccomp(program.data(), program.size());
  if (loaded < 0) {
    return ErrnoStatus(static_cast<int>(loaded), "confine the resolver");
  }
  return absl::OkStatus();
}

}  // namespace tug::netd::dns
