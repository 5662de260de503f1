// SPDX-License-Identifier: Apache-2.0
#include "lib/kernel/capability.h"

#include <linux/capability.h>
#include <sys/prctl.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace tug::kernel {
namespace {

// By number, as linux/capability.h has them.
constexpr const char* kNames[] = {
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
};
constexpr int kCount = sizeof(kNames) / sizeof(kNames[0]);
static_assert(kCount == CAP_LAST_CAP + 1);

}  // namespace

std::optional<int> CapabilityNumber(absl::string_view name) {
  const std::string upper = absl::AsciiStrToUpper(name);
  const absl::string_view bare = absl::StripPrefix(upper, "CAP_");
  for (int i = 0; i < kCount; ++i) {
    if (bare == kNames[i]) return i;
  }
  return std::nullopt;
}

std::string CapabilityName(int number) {
  if (number < 0 || number >= kCount) return std::string();
  return absl::StrCat("CAP_", kNames[number]);
}

CapabilitySet OwnBoundingSet() {
  CapabilitySet set = 0;
  for (int i = 0; i < 64; ++i) {
    if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1) set |= CapabilitySet{1} << i;
  }
  return set;
}

}  // namespace tug::kernel
