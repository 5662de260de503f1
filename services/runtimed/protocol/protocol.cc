// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/protocol/protocol.h"

#include <iterator>

namespace tug::runtimed {
namespace {

// By number.
constexpr const char* kStepNames[] = {
    "unknown step",
    "read launch plan",
    "open log",
    "make streams",
    "clone",
    "join cgroup",
    "join namespace",
    "open mount source",
    "make mounts private",
    "mount rootfs",
    "pivot root",
    "mount",
    "make device",
    "open terminal",
    "set sysctl",
    "set host name",
    "mask path",
    "make path read-only",
    "set limits",
    "look up user",
    "working directory",
    "standard streams",
    "load seccomp",
    "drop privileges",
    "set AppArmor profile",
    "find program",
    "exec",
    "look up group",
    "set up",
};
static_assert(std::size(kStepNames) ==
              static_cast<size_t>(LaunchStep::kSetUp) + 1);

}  // namespace

const char* LaunchStepName(LaunchStep step) {
  const auto index = static_cast<size_t>(step);
  return index < std::size(kStepNames) ? kStepNames[index] : kStepNames[0];
}

}  // namespace tug::runtimed
