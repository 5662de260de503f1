// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/rights.h"

#include <linux/capability.h>
#include <sys/prctl.h>

#include <cerrno>

#include "lib/base/status.h"
#include "lib/kernel/capability.h"
#include "lib/sys/process.h"

namespace tug::volumed {
namespace {

constexpr uint64_t Bit(int capability) { return uint64_t{1} << capability; }

// Mounts of volumes with options; any owner, mode, node and file capability of
// copied content.
constexpr uint64_t kNeeded =
    Bit(CAP_SYS_ADMIN) | Bit(CAP_DAC_OVERRIDE) | Bit(CAP_CHOWN) |
    Bit(CAP_FOWNER) | Bit(CAP_FSETID) | Bit(CAP_MKNOD) | Bit(CAP_SETFCAP);

}  // namespace

absl::Status KeepNeededCapabilities() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return ErrnoStatus(errno, "forbid new privileges");
  }
  // What the machine withholds from us cannot be kept.
  const uint64_t keep = kNeeded & kernel::OwnBoundingSet();
  long result = sys::LimitBoundingSet(keep);
  if (result < 0) return ErrnoStatus(static_cast<int>(-result), "limit bounds");
  result = sys::SetCapabilities(keep);
  if (result < 0) {
    return ErrnoStatus(static_cast<int>(-result), "give up capabilities");
  }
  return absl::OkStatus();
}

}  // namespace tug::volumed
