// SPDX-License-Identifier: Apache-2.0
#include "lib/kernel/newer_syscalls.h"

namespace tug::kernel {
namespace {

constexpr const char* kNames[] = {
    "cachestat",         "fchmodat2",        "map_shadow_stack",
    "futex_wake",        "futex_wait",       "futex_requeue",
    "statmount",         "listmount",        "lsm_get_self_attr",
    "lsm_set_self_attr", "lsm_list_modules", "mseal",
    "setxattrat",        "getxattrat",       "listxattrat",
    "removexattrat",     "open_tree_attr",   "file_getattr",
    "file_setattr",
};
static_assert(kFirstNewerSyscall + sizeof(kNames) / sizeof(kNames[0]) - 1 ==
              kLastNewerSyscall);

}  // namespace

std::optional<uint32_t> NewerSyscallNumber(absl::string_view name) {
  for (uint32_t i = 0; i < sizeof(kNames) / sizeof(kNames[0]); ++i) {
    if (name == kNames[i]) return kFirstNewerSyscall + i;
  }
  return std::nullopt;
}

}  // namespace tug::kernel
