// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/default_seccomp.h"

#include <cerrno>

#include "services/runtimed/spec/always_allowed_calls.h"

namespace tug::runtimed {
namespace {

using kernel::SeccompAction;
using kernel::SeccompArgument;
using kernel::SeccompCompare;
using kernel::SeccompRule;

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
  for (const char* name : AlwaysAllowedCalls()) always.names.emplace_back(name);
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
