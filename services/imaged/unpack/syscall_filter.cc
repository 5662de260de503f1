// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/unpack/syscall_filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <vector>

#include "lib/base/status.h"

namespace tug::imaged {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "name the audit architecture of this machine"
#endif

// What glibc needs for memory, threads, time and ending.
constexpr int kFilterCalls[] = {
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_close,
    SYS_ppoll,
    SYS_mmap,
    SYS_munmap,
    SYS_mremap,
    SYS_mprotect,
    SYS_brk,
    SYS_madvise,
    SYS_futex,
    SYS_exit,
    SYS_exit_group,
    SYS_rt_sigreturn,
    SYS_rt_sigprocmask,
    SYS_rt_sigaction,
    SYS_clock_gettime,
    SYS_clock_nanosleep,
    SYS_gettid,
    SYS_getpid,
    SYS_tgkill,
    SYS_clone,
    SYS_clone3,
    SYS_set_robust_list,
    SYS_rseq,
    SYS_sched_yield,
    SYS_getrandom,
    SYS_prlimit64,
    SYS_fstat,
    SYS_sched_getaffinity,
    SYS_membarrier,
#ifdef SYS_poll
    SYS_poll,
#endif
#ifdef SYS_getrlimit
    SYS_getrlimit,
#endif
};

constexpr int kLayerCalls[] = {
    SYS_openat,     SYS_openat2,   SYS_mkdirat,   SYS_mknodat,   SYS_symlinkat,
    SYS_linkat,     SYS_unlinkat,  SYS_fchown,    SYS_fchownat,  SYS_fchmod,
    SYS_fchmodat,   SYS_ftruncate, SYS_fsetxattr, SYS_utimensat, SYS_getdents64,
    SYS_newfstatat, SYS_statx,     SYS_fcntl,     SYS_lseek,     SYS_readlinkat,
};

void Allow(std::vector<sock_filter>& program, int call) {
  program.push_back(
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 1));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

std::vector<sock_filter> BuildProgram(SyscallSet set) {
  std::vector<sock_filter> program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
  };
  for (int call : kFilterCalls) Allow(program, call);
  if (set == SyscallSet::kLayer) {
    for (int call : kLayerCalls) Allow(program, call);
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  return program;
}

}  // namespace

absl::Status InstallSyscallFilter(SyscallSet set) {
  std::vector<sock_filter> program = BuildProgram(set);
  const sock_fprog descriptor = {static_cast<unsigned short>(program.size()),
                                 program.data()};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &descriptor) != 0) {
    return ErrnoStatus(errno, "seccomp");
  }
  return absl::OkStatus();
}

}  // namespace tug::imaged
