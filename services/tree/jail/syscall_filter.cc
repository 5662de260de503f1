// SPDX-License-Identifier: Apache-2.0
#include "services/tree/jail/syscall_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <initializer_list>
#include <vector>

#include "lib/base/status.h"
#include "lib/sys/process.h"

namespace tug::tree {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "name the audit architecture of this machine"
#endif

// What glibc needs for memory, threads, time and ending.
constexpr int kStreamCalls[] = {
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_close,
    SYS_ppoll,
    SYS_munmap,
    SYS_mremap,
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
    SYS_set_robust_list,
    SYS_rseq,
    SYS_sched_yield,
    SYS_getrandom,
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

constexpr int kDirectoryCalls[] = {
    SYS_openat,    SYS_openat2,   SYS_mkdirat,    SYS_mknodat,
    SYS_symlinkat, SYS_linkat,    SYS_unlinkat,   SYS_fchown,
    SYS_fchownat,  SYS_fchmod,    SYS_fchmodat,   SYS_ftruncate,
    SYS_fsetxattr, SYS_utimensat, SYS_getdents64, SYS_newfstatat,
    SYS_statx,     SYS_lseek,     SYS_readlinkat, SYS_fstatfs,
};

using Program = std::vector<sock_filter>;

void Return(Program& program, uint32_t action) {
  program.push_back(BPF_STMT(BPF_RET | BPF_K, action));
}

// `steps` run for this call only; they end with a return.
void ForCall(Program& program, int call, const Program& steps) {
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                             static_cast<uint32_t>(call), 0,
                             static_cast<uint8_t>(steps.size())));
  program.insert(program.end(), steps.begin(), steps.end());
}

void Allow(Program& program, int call) {
  Program steps;
  Return(steps, SECCOMP_RET_ALLOW);
  ForCall(program, call, steps);
}

// The lower half of an argument, which is all that the kernel looks at for
// numbers of processes, flags and commands.
Program LoadArgument(int index) {
  const uint32_t at = static_cast<uint32_t>(offsetof(seccomp_data, args) +
                                            8 * static_cast<size_t>(index));
  return {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at)};
}

// The call with one of these values of an argument.
void AllowValues(Program& program, int call, int argument,
                 std::initializer_list<uint32_t> values) {
  Program steps = LoadArgument(argument);
  for (const uint32_t value : values) {
    steps.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
    Return(steps, SECCOMP_RET_ALLOW);
  }
  Return(steps, SECCOMP_RET_KILL_PROCESS);
  ForCall(program, call, steps);
}

// The call if the argument has (or lacks) this bit.
void AllowByBit(Program& program, int call, int argument, uint32_t bit,
                bool set) {
  const uint8_t if_set = set ? 0 : 1;
  const uint8_t if_clear = set ? 1 : 0;
  Program steps = LoadArgument(argument);
  steps.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bit, if_set, if_clear));
  Return(steps, SECCOMP_RET_ALLOW);
  Return(steps, SECCOMP_RET_KILL_PROCESS);
  ForCall(program, call, steps);
}

void Refuse(Program& program, int call, uint32_t error) {
  Program steps;
  Return(steps, SECCOMP_RET_ERRNO | error);
  ForCall(program, call, steps);
}

Program BuildProgram(SyscallSet set) {
  Program program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
  };
  for (const int call : kStreamCalls) Allow(program, call);
  AllowValues(program, SYS_tgkill, 0, {static_cast<uint32_t>(getpid())});
  AllowValues(program, SYS_prlimit64, 0, {0});
  AllowByBit(program, SYS_clone, 0, CLONE_THREAD, true);
  Refuse(program, SYS_clone3, ENOSYS);
  AllowByBit(program, SYS_mmap, 2, PROT_EXEC, false);
  AllowByBit(program, SYS_mprotect, 2, PROT_EXEC, false);
  if (set == SyscallSet::kDirectory) {
    for (const int call : kDirectoryCalls) Allow(program, call);
    AllowValues(program, SYS_fcntl, 1,
                {F_GETFL, F_GETFD, F_SETFD, F_DUPFD_CLOEXEC});
  }
  Return(program, SECCOMP_RET_KILL_PROCESS);
  return program;
}

}  // namespace

absl::Status InstallSyscallFilter(SyscallSet set) {
  const Program program = BuildProgram(set);
  const long loaded = sys::LoadSeccomp(program.data(), program.size());
  if (loaded < 0) return ErrnoStatus(static_cast<int>(-loaded), "seccomp");
  return absl::OkStatus();
}

}  // namespace tug::tree
