// SPDX-License-Identifier: Apache-2.0
#include "services/netd/rights.h"

#include <linux/capability.h>
#include <sys/prctl.h>

#include <cerrno>
#include <utility>

#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/kernel/seccomp_compile.h"
#include "lib/sys/process.h"

namespace tug::netd {
namespace {

constexpr uint64_t Bit(int capability) { return uint64_t{1} << capability; }

// NET_ADMIN: links, addresses, routes, nftables. SYS_ADMIN: to make and enter
// network namespaces. DAC_OVERRIDE: hosts and resolv.conf, whose owner and mode
// containers may change.
constexpr uint64_t kCapabilities =
    Bit(CAP_NET_ADMIN) | Bit(CAP_SYS_ADMIN) | Bit(CAP_NET_BIND_SERVICE) |
    Bit(CAP_DAC_OVERRIDE);

// What SYS_ADMIN, or user 0, would allow besides.
kernel::SeccompPolicy Policy() {
  kernel::SeccompPolicy policy;
  policy.default_action = kernel::SeccompAction::kAllow;
  policy.foreign_architectures = false;
  kernel::SeccompRule refused;
  refused.action = kernel::SeccompAction::kErrno;
  refused.value = EPERM;
  refused.names = {
      "acct",          "add_key",          "adjtimex",
      "bpf",           "chroot",           "clock_adjtime",
      "clock_settime", "delete_module",    "execve",
      "execveat",      "finit_module",     "fsconfig",
      "fsmount",       "fsopen",           "fspick",
      "init_module",   "io_uring_enter",   "io_uring_register",
      "ioperm",        "iopl",             "io_uring_setup",
      "kexec_load",    "kexec_file_load",  "keyctl",
      "mount",         "mount_setattr",    "move_mount",
      "open_tree",     "open_by_handle_at", "perf_event_open",
      "pivot_root",    "process_vm_readv", "process_vm_writev",
      "ptrace",        "quotactl",         "quotactl_fd",
      "reboot",        "request_key",      "setdomainname",
      "sethostname",   "settimeofday",     "swapoff",
      "swapon",        "umount2",          "userfaultfd",
      "vhangup"};
  policy.rules.push_back(std::move(refused));
  return policy;
}

}  // namespace

absl::Status KeepOnlyNetworkRights() {
  ASSIGN_OR_RETURN(const auto program, kernel::CompileSeccomp(Policy()));
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return ErrnoStatus(errno, "give up new privileges");
  }
  for (const long result :
       {sys::LimitBoundingSet(kCapabilities),
        sys::SetCapabilities(kCapabilities),
        sys::LoadSeccomp(program.data(), program.size())}) {
    if (result < 0) {
      return ErrnoStatus(static_cast<int>(result), "give up rights");
    }
  }
  return absl::OkStatus();
}

}  // namespace tug::netd
