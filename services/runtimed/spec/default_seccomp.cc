// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/default_seccomp.h"

#include <cerrno>

namespace tug::runtimed {
namespace {

using kernel::SeccompAction;
using kernel::SeccompArgument;
using kernel::SeccompCompare;
using kernel::SeccompRule;

// Calls that any process may make: what ordinary programs need and what the
// kernel checks by itself.
constexpr const char* kAlways[] = {
    "_llseek",
    "_newselect",
    "accept",
    "accept4",
    "access",
    "adjtimex",
    "alarm",
    "bind",
    "brk",
    "cachestat",
    "capget",
    "capset",
    "chdir",
    "chmod",
    "chown",
    "chown32",
    "clock_adjtime",
    "clock_adjtime64",
    "clock_getres",
    "clock_getres_time64",
    "clock_gettime",
    "clock_gettime64",
    "clock_nanosleep",
    "clock_nanosleep_time64",
    "close",
    "close_range",
    "connect",
    "copy_file_range",
    "creat",
    "dup",
    "dup2",
    "dup3",
    "epoll_create",
    "epoll_create1",
    "epoll_ctl",
    "epoll_ctl_old",
    "epoll_pwait",
    "epoll_pwait2",
    "epoll_wait",
    "epoll_wait_old",
    "eventfd",
    "eventfd2",
    "execve",
    "execveat",
    "exit",
    "exit_group",
    "faccessat",
    "faccessat2",
    "fadvise64",
    "fadvise64_64",
    "fallocate",
    "fanotify_mark",
    "fchdir",
    "fchmod",
    "fchmodat",
    "fchmodat2",
    "fchown",
    "fchown32",
    "fchownat",
    "fcntl",
    "fcntl64",
    "fdatasync",
    "fgetxattr",
    "flistxattr",
    "flock",
    "fork",
    "fremovexattr",
    "fsetxattr",
    "fstat",
    "fstat64",
    "fstatat64",
    "fstatfs",
    "fstatfs64",
    "fsync",
    "ftruncate",
    "ftruncate64",
    "futex",
    "futex_requeue",
    "futex_time64",
    "futex_wait",
    "futex_waitv",
    "futex_wake",
    "futimesat",
    "get_robust_list",
    "get_thread_area",
    "getcpu",
    "getcwd",
    "getdents",
    "getdents64",
    "getegid",
    "getegid32",
    "geteuid",
    "geteuid32",
    "getgid",
    "getgid32",
    "getgroups",
    "getgroups32",
    "getitimer",
    "getpeername",
    "getpgid",
    "getpgrp",
    "getpid",
    "getppid",
    "getpriority",
    "getrandom",
    "getresgid",
    "getresgid32",
    "getresuid",
    "getresuid32",
    "getrlimit",
    "getrusage",
    "getsid",
    "getsockname",
    "getsockopt",
    "gettid",
    "gettimeofday",
    "getuid",
    "getuid32",
    "getxattr",
    "getxattrat",
    "inotify_add_watch",
    "inotify_init",
    "inotify_init1",
    "inotify_rm_watch",
    "io_cancel",
    "io_destroy",
    "io_getevents",
    "io_pgetevents",
    "io_pgetevents_time64",
    "io_setup",
    "io_submit",
    "ioctl",
    "ioprio_get",
    "ioprio_set",
    "ipc",
    "kill",
    "landlock_add_rule",
    "landlock_create_ruleset",
    "landlock_restrict_self",
    "lchown",
    "lchown32",
    "lgetxattr",
    "link",
    "linkat",
    "listen",
    "listmount",
    "listxattr",
    "listxattrat",
    "llistxattr",
    "lremovexattr",
    "lseek",
    "lsetxattr",
    "lstat",
    "lstat64",
    "madvise",
    "map_shadow_stack",
    "membarrier",
    "memfd_create",
    "memfd_secret",
    "mincore",
    "mkdir",
    "mkdirat",
    "mknod",
    "mknodat",
    "mlock",
    "mlock2",
    "mlockall",
    "mmap",
    "mmap2",
    "mprotect",
    "mq_getsetattr",
    "mq_notify",
    "mq_open",
    "mq_timedreceive",
    "mq_timedreceive_time64",
    "mq_timedsend",
    "mq_timedsend_time64",
    "mq_unlink",
    "mremap",
    "mseal",
    "msgctl",
    "msgget",
    "msgrcv",
    "msgsnd",
    "msync",
    "munlock",
    "munlockall",
    "munmap",
    "name_to_handle_at",
    "nanosleep",
    "newfstatat",
    "open",
    "openat",
    "openat2",
    "pause",
    "pidfd_open",
    "pidfd_send_signal",
    "pipe",
    "pipe2",
    "pkey_alloc",
    "pkey_free",
    "pkey_mprotect",
    "poll",
    "ppoll",
    "ppoll_time64",
    "prctl",
    "pread64",
    "preadv",
    "preadv2",
    "prlimit64",
    "process_mrelease",
    "pselect6",
    "pselect6_time64",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "read",
    "readahead",
    "readlink",
    "readlinkat",
    "readv",
    "recv",
    "recvfrom",
    "recvmmsg",
    "recvmmsg_time64",
    "recvmsg",
    "remap_file_pages",
    "removexattr",
    "removexattrat",
    "rename",
    "renameat",
    "renameat2",
    "restart_syscall",
    "riscv_hwprobe",
    "rmdir",
    "rseq",
    "rt_sigaction",
    "rt_sigpending",
    "rt_sigprocmask",
    "rt_sigqueueinfo",
    "rt_sigreturn",
    "rt_sigsuspend",
    "rt_sigtimedwait",
    "rt_sigtimedwait_time64",
    "rt_tgsigqueueinfo",
    "sched_get_priority_max",
    "sched_get_priority_min",
    "sched_getaffinity",
    "sched_getattr",
    "sched_getparam",
    "sched_getscheduler",
    "sched_rr_get_interval",
    "sched_rr_get_interval_time64",
    "sched_setaffinity",
    "sched_setattr",
    "sched_setparam",
    "sched_setscheduler",
    "sched_yield",
    "seccomp",
    "select",
    "semctl",
    "semget",
    "semop",
    "semtimedop",
    "semtimedop_time64",
    "send",
    "sendfile",
    "sendfile64",
    "sendmmsg",
    "sendmsg",
    "sendto",
    "set_robust_list",
    "set_thread_area",
    "set_tid_address",
    "setfsgid",
    "setfsgid32",
    "setfsuid",
    "setfsuid32",
    "setgid",
    "setgid32",
    "setgroups",
    "setgroups32",
    "setitimer",
    "setpgid",
    "setpriority",
    "setregid",
    "setregid32",
    "setresgid",
    "setresgid32",
    "setresuid",
    "setresuid32",
    "setreuid",
    "setreuid32",
    "setrlimit",
    "setsid",
    "setsockopt",
    "setuid",
    "setuid32",
    "setxattr",
    "setxattrat",
    "shmat",
    "shmctl",
    "shmdt",
    "shmget",
    "shutdown",
    "sigaltstack",
    "signalfd",
    "signalfd4",
    "sigprocmask",
    "sigreturn",
    "socketcall",
    "socketpair",
    "splice",
    "stat",
    "stat64",
    "statfs",
    "statfs64",
    "statmount",
    "statx",
    "symlink",
    "symlinkat",
    "sync",
    "sync_file_range",
    "syncfs",
    "sysinfo",
    "tee",
    "tgkill",
    "time",
    "timer_create",
    "timer_delete",
    "timer_getoverrun",
    "timer_gettime",
    "timer_gettime64",
    "timer_settime",
    "timer_settime64",
    "timerfd_create",
    "timerfd_gettime",
    "timerfd_gettime64",
    "timerfd_settime",
    "timerfd_settime64",
    "times",
    "tkill",
    "truncate",
    "truncate64",
    "ugetrlimit",
    "umask",
    "uname",
    "unlink",
    "unlinkat",
    "uretprobe",
    "utime",
    "utimensat",
    "utimensat_time64",
    "utimes",
    "vfork",
    "vmsplice",
    "wait4",
    "waitid",
    "waitpid",
    "write",
    "writev",
};

// Calls that need a capability to be of any use, and open attack surface
// without one: allowed to containers that hold it.
struct Gate {
  const char* capability;
  std::initializer_list<const char*> names;
};
const Gate kGates[] = {
    {"DAC_READ_SEARCH", {"open_by_handle_at"}},
    {"SYS_ADMIN",
     {"bpf",
      "clone",
      "clone3",
      "fanotify_init",
      "fsconfig",
      "fsmount",
      "fsopen",
      "fspick",
      "lookup_dcookie",
      "lsm_get_self_attr",
      "lsm_list_modules",
      "lsm_set_self_attr",
      "mount",
      "mount_setattr",
      "move_mount",
      "open_tree",
      "perf_event_open",
      "quotactl",
      "quotactl_fd",
      "setdomainname",
      "sethostname",
      "setns",
      "syslog",
      "umount",
      "umount2",
      "unshare"}},
    {"SYS_BOOT", {"reboot"}},
    {"SYS_CHROOT", {"chroot"}},
    {"SYS_MODULE", {"delete_module", "finit_module", "init_module"}},
    {"SYS_PACCT", {"acct"}},
    {"SYS_PTRACE",
     {"kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv",
      "process_vm_writev", "ptrace"}},
    {"SYS_RAWIO", {"ioperm", "iopl"}},
    {"SYS_TIME", {"clock_settime", "clock_settime64", "settimeofday", "stime"}},
    {"SYS_TTY_CONFIG", {"vhangup"}},
    {"SYS_NICE",
     {"get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"}},
    {"SYSLOG", {"syslog"}},
    {"BPF", {"bpf"}},
    {"PERFMON", {"perf_event_open"}},
};

// CLONE_NEW* of every namespace but time.
constexpr uint64_t kNewNamespaces = 0x7E020000;

// Execution domains that only change how memory is laid out.
constexpr uint64_t kPersonalities[] = {0x0, 0x8, 0x20000, 0x20008, 0xffffffff};

SeccompRule Allow(std::initializer_list<const char*> names) {
  SeccompRule rule;
  for (const char* name : names) rule.names.emplace_back(name);
  return rule;
}

SeccompRule AllowWhen(const char* name, SeccompArgument argument) {
  SeccompRule rule = Allow({name});
  rule.arguments.push_back(argument);
  return rule;
}

void AddArgumentRules(std::vector<SeccompRule>& rules) {
  // Families AF_ALG (38) and AF_VSOCK (40) reach the kernel's crypto and the
  // hypervisor.
  rules.push_back(AllowWhen("socket", {0, SeccompCompare::kLess, 38, 0}));
  rules.push_back(AllowWhen("socket", {0, SeccompCompare::kEqual, 39, 0}));
  rules.push_back(AllowWhen("socket", {0, SeccompCompare::kGreater, 40, 0}));
  for (const uint64_t persona : kPersonalities) {
    rules.push_back(
        AllowWhen("personality", {0, SeccompCompare::kEqual, persona, 0}));
  }
}

void AddArchitectureRules(std::vector<SeccompRule>& rules) {
#if defined(__x86_64__)
  rules.push_back(Allow({"arch_prctl", "modify_ldt"}));
#elif defined(__aarch64__)
  rules.push_back(
      Allow({"arm_fadvise64_64", "arm_sync_file_range", "sync_file_range2",
             "breakpoint", "cacheflush", "set_tls"}));
#endif
}

// clone3 hides its flags in memory, where no filter sees them: ENOSYS makes
// the C library fall back to clone.
void AddCloneRules(std::vector<SeccompRule>& rules) {
  rules.push_back(
      AllowWhen("clone", {0, SeccompCompare::kMaskedEqual, kNewNamespaces, 0}));
  SeccompRule absent = Allow({"clone3"});
  absent.action = SeccompAction::kErrno;
  absent.value = ENOSYS;
  rules.push_back(std::move(absent));
}

}  // namespace

kernel::SeccompPolicy DefaultSeccompPolicy(kernel::CapabilitySet capabilities) {
  kernel::SeccompPolicy policy;
  policy.default_value = EPERM;
  SeccompRule always;
  for (const char* name : kAlways) always.names.emplace_back(name);
  policy.rules.push_back(std::move(always));
  // Safe since the kernel checks the target again (4.8).
  policy.rules.push_back(
      Allow({"process_vm_readv", "process_vm_writev", "ptrace"}));
  AddArgumentRules(policy.rules);
  AddArchitectureRules(policy.rules);
  bool may_make_namespaces = false;
  for (const Gate& gate : kGates) {
    const int number = kernel::CapabilityNumber(gate.capability).value_or(63);
    if ((capabilities >> number & 1) == 0) continue;
    policy.rules.push_back(Allow(gate.names));
    if (absl::string_view(gate.capability) == "SYS_ADMIN") {
      may_make_namespaces = true;
    }
  }
  if (!may_make_namespaces) AddCloneRules(policy.rules);
  return policy;
}

}  // namespace tug::runtimed
