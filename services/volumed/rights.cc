// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/rights.h"

#include <linux/capability.h>

#include "lib/confine/confine.h"

namespace tug::volumed {
namespace {

// Mounts of volumes with options; any owner, mode, node and file capability of
// copied content; what the program that copies needs to lock itself in.
constexpr uint64_t kCapabilities =
    CapabilityBit(CAP_SYS_ADMIN) | CapabilityBit(CAP_DAC_OVERRIDE) |
    CapabilityBit(CAP_CHOWN) | CapabilityBit(CAP_FOWNER) |
    CapabilityBit(CAP_FSETID) | CapabilityBit(CAP_MKNOD) |
    CapabilityBit(CAP_SETFCAP) | CapabilityBit(CAP_SYS_CHROOT) |
    CapabilityBit(CAP_SETPCAP);

}  // namespace

absl::Status KeepNeededRights() {
  // No Landlock for files: it forbids mounts.
  return Confine({.capabilities = kCapabilities,
                  .calls = kFileCalls | kNodeCalls | kChildCalls |
                           kNamespaceCalls | kMountCalls});
}

}  // namespace tug::volumed
