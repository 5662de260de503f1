// SPDX-License-Identifier: Apache-2.0
//
// The filter is a list of allowed numbers, each a compare and a jump, with
// three calls whose arguments are looked at first: socket (families), clone
// and unshare (flags). The kernel remembers which numbers are allowed whatever
// their arguments (5.11 and newer), so that the length of the list costs
// nothing.
#include "lib/confine/syscall_filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "lib/base/status.h"

namespace tug {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "name the audit architecture of this machine"
#endif

// Younger than the headers of Debian 12; the same on every architecture.
constexpr int kCachestat = 451;
constexpr int kFchmodat2 = 452;

constexpr int kBase[] = {
    // Memory.
    SYS_brk,
    SYS_mmap,
    SYS_munmap,
    SYS_mremap,
    SYS_mprotect,
    SYS_madvise,
    SYS_msync,
    SYS_mincore,
    SYS_mlock,
    SYS_mlock2,
    SYS_munlock,
    SYS_memfd_create,
    SYS_membarrier,
    // Threads, and signals to them.
    SYS_futex,
    SYS_set_robust_list,
    SYS_get_robust_list,
    SYS_rseq,
    SYS_set_tid_address,
    SYS_gettid,
    SYS_tgkill,
    SYS_exit,
    SYS_exit_group,
    SYS_restart_syscall,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_rt_sigpending,
    SYS_rt_sigtimedwait,
    SYS_rt_sigsuspend,
    SYS_sigaltstack,
    SYS_signalfd4,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_sched_getparam,
    SYS_sched_getscheduler,
    SYS_sched_get_priority_max,
    SYS_sched_get_priority_min,
    SYS_getpriority,
    SYS_setpriority,
    SYS_ioprio_get,
    SYS_ioprio_set,
    SYS_prctl,
    SYS_getcpu,
    // Time and facts.
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_gettimeofday,
    SYS_times,
    SYS_timerfd_create,
    SYS_timerfd_settime,
    SYS_timerfd_gettime,
    SYS_setitimer,
    SYS_getitimer,
    SYS_getrandom,
    SYS_uname,
    SYS_sysinfo,
    SYS_getrusage,
    SYS_prlimit64,
    SYS_getpid,
    SYS_getppid,
    SYS_getpgid,
    SYS_getsid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_getresuid,
    SYS_getresgid,
    SYS_getgroups,
    SYS_capget,
    // Descriptors.
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_pread64,
    SYS_pwrite64,
    SYS_preadv,
    SYS_pwritev,
    SYS_preadv2,
    SYS_pwritev2,
    SYS_close,
    SYS_close_range,
    SYS_dup,
    SYS_dup3,
    SYS_fcntl,
    SYS_ioctl,
    SYS_flock,
    SYS_lseek,
    SYS_fstat,
    SYS_fstatfs,
    SYS_fsync,
    SYS_fdatasync,
    SYS_syncfs,
    SYS_sync_file_range,
    SYS_fadvise64,
    SYS_readahead,
    SYS_sendfile,
    SYS_splice,
    SYS_tee,
    SYS_copy_file_range,
    SYS_pipe2,
    SYS_eventfd2,
    SYS_epoll_create1,
    SYS_epoll_ctl,
    SYS_epoll_pwait,
    SYS_epoll_pwait2,
    SYS_ppoll,
    SYS_pselect6,
    kCachestat,
    // Files that exist.
    SYS_openat,
    SYS_openat2,
    SYS_faccessat,
    SYS_faccessat2,
    SYS_newfstatat,
    SYS_statx,
    SYS_statfs,
    SYS_readlinkat,
    SYS_getdents64,
    SYS_getcwd,
    SYS_umask,
    SYS_chdir,
    SYS_fchdir,
    SYS_getxattr,
    SYS_lgetxattr,
    SYS_fgetxattr,
    SYS_listxattr,
    SYS_llistxattr,
    SYS_flistxattr,
    SYS_inotify_init1,
    SYS_inotify_add_watch,
    SYS_inotify_rm_watch,
    // Sockets, once there is one.
    SYS_socketpair,
    SYS_bind,
    SYS_connect,
    SYS_listen,
    SYS_accept,
    SYS_accept4,
    SYS_getsockname,
    SYS_getpeername,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_sendto,
    SYS_recvfrom,
    SYS_sendmsg,
    SYS_recvmsg,
    SYS_sendmmsg,
    SYS_recvmmsg,
    SYS_shutdown,
#if defined(__x86_64__)
    // Older forms of the above.
    SYS_open,
    SYS_stat,
    SYS_lstat,
    SYS_access,
    SYS_readlink,
    SYS_getdents,
    SYS_dup2,
    SYS_pipe,
    SYS_eventfd,
    SYS_epoll_create,
    SYS_epoll_wait,
    SYS_poll,
    SYS_select,
    SYS_time,
    SYS_arch_prctl,
    SYS_getrlimit,
    SYS_setrlimit,
    SYS_getpgrp,
    SYS_alarm,
#endif
};

constexpr int kFiles[] = {
    SYS_mkdirat,   SYS_unlinkat,    SYS_renameat2,    SYS_linkat,
    SYS_symlinkat, SYS_fchmod,      SYS_fchmodat,     kFchmodat2,
    SYS_fchown,    SYS_fchownat,    SYS_utimensat,    SYS_truncate,
    SYS_ftruncate, SYS_fallocate,   SYS_setxattr,     SYS_lsetxattr,
    SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr,
#if defined(__x86_64__)
    SYS_creat,     SYS_mkdir,       SYS_rmdir,        SYS_unlink,
    SYS_rename,    SYS_renameat,    SYS_link,         SYS_symlink,
    SYS_chmod,     SYS_chown,       SYS_lchown,       SYS_utime,
    SYS_utimes,    SYS_futimesat,
#else
    SYS_renameat,
#endif
};

constexpr int kNodes[] = {
    SYS_mknodat,
#if defined(__x86_64__)
    SYS_mknod,
#endif
};

constexpr int kWaits[] = {
    SYS_wait4, SYS_waitid, SYS_kill, SYS_pidfd_open, SYS_pidfd_send_signal,
};

constexpr int kChildren[] = {
    SYS_execve,
    SYS_setpgid,
    SYS_setsid,
#if defined(__x86_64__)
    SYS_vfork,
#endif
};

constexpr int kNamespaces[] = {
    SYS_setns,
    SYS_chroot,
    SYS_pivot_root,
    SYS_capset,
    SYS_seccomp,
    SYS_landlock_create_ruleset,
    SYS_landlock_add_rule,
    SYS_landlock_restrict_self,
};

constexpr int kMounts[] = {
    SYS_mount,    SYS_umount2, SYS_open_tree, SYS_move_mount,    SYS_fsopen,
    SYS_fsconfig, SYS_fsmount, SYS_fspick,    SYS_mount_setattr,
};

constexpr uint32_t kReturnEperm = SECCOMP_RET_ERRNO | EPERM;
constexpr uint32_t kReturnEnosys = SECCOMP_RET_ERRNO | ENOSYS;

constexpr uint32_t kNewNamespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET |
                                    CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
                                    CLONE_NEWCGROUP;

// Low half of argument `index`, on a little-endian machine.
constexpr uint32_t ArgumentOffset(int index) {
  return static_cast<uint32_t>(offsetof(seccomp_data, args) +
                               sizeof(uint64_t) * static_cast<size_t>(index));
}

class FilterProgram {
 public:
  FilterProgram() {
    Load(offsetof(seccomp_data, arch));
    Add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
    Return(SECCOMP_RET_KILL_PROCESS);
    LoadNumber();
  }

  void Return(uint32_t value) { Add(BPF_STMT(BPF_RET | BPF_K, value)); }

  void Allow(absl::Span<const int> calls) {
    for (const int call : calls) Answer(call, SECCOMP_RET_ALLOW);
  }

  void Answer(int call, uint32_t value) {
    Add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 1));
    Return(value);
  }

  // Allows `call` if its argument 0 is one of `values`.
  void AllowIfOneOf(int call, const std::vector<uint32_t>& values) {
    // To behind: a load, two instructions a value, a return.
    const auto length = static_cast<uint8_t>(2 + 2 * values.size());
    Add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0,
                 length));
    Load(ArgumentOffset(0));
    for (const uint32_t value : values) {
      Add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
      Return(SECCOMP_RET_ALLOW);
    }
    Return(kReturnEperm);
  }

  // Allows `call` if argument 0 has all bits of `needed`, and none of
  // `forbidden`.
  void AllowByFlags(int call, uint32_t needed, uint32_t forbidden) {
    Add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 5));
    Load(ArgumentOffset(0));
    Add(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, needed | forbidden));
    Add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, needed, 0, 1));
    Return(SECCOMP_RET_ALLOW);
    Return(kReturnEperm);
  }

  std::vector<sock_filter>& instructions() { return instructions_; }

 private:
  void Add(sock_filter instruction) { instructions_.push_back(instruction); }
  void Load(size_t offset) {
    Add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset)));
  }
  void LoadNumber() { Load(offsetof(seccomp_data, nr)); }

  std::vector<sock_filter> instructions_;
};

// A thread, or with `children` also a process, in our namespaces; with
// `namespaces` by unshare in new ones, but never in a user namespace, which
// would give all capabilities in it.
void AddProcessCalls(FilterProgram& program, bool children, bool namespaces) {
  program.Answer(SYS_clone3, kReturnEnosys);
  program.AllowByFlags(SYS_clone, children ? 0 : CLONE_THREAD, kNewNamespaces);
  if (namespaces) program.AllowByFlags(SYS_unshare, 0, CLONE_NEWUSER);
}

std::vector<sock_filter> BuildProgram(unsigned sets) {
  FilterProgram program;
  program.Allow(kBase);
  if ((sets & kFileCalls) != 0) program.Allow(kFiles);
  if ((sets & kNodeCalls) != 0) program.Allow(kNodes);
  if ((sets & (kChildCalls | kWaitCalls)) != 0) program.Allow(kWaits);
  if ((sets & kChildCalls) != 0) program.Allow(kChildren);
  if ((sets & kNamespaceCalls) != 0) program.Allow(kNamespaces);
  if ((sets & kMountCalls) != 0) program.Allow(kMounts);
  std::vector<uint32_t> families = {AF_UNIX};
  if ((sets & kInternetCalls) != 0) {
    families.insert(families.end(), {AF_INET, AF_INET6, AF_NETLINK});
  }
  program.AllowIfOneOf(SYS_socket, families);
  AddProcessCalls(program, (sets & kChildCalls) != 0,
                  (sets & kNamespaceCalls) != 0);
  program.Return(kReturnEperm);
  return std::move(program.instructions());
}

}  // namespace

absl::Status InstallSyscallFilter(unsigned sets) {
  std::vector<sock_filter> program = BuildProgram(sets);
  const sock_fprog descriptor = {static_cast<unsigned short>(program.size()),
                                 program.data()};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC,
              &descriptor) != 0) {
    return ErrnoStatus(errno, "load the filter of system calls");
  }
  return absl::OkStatus();
}

}  // namespace tug
