// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/rights.h"

#include <linux/capability.h>
#include <sched.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/confine/confine.h"

namespace tug::imaged {
namespace {

// Any owner, mode, node and file capability in trees; opaque marks
// (SYS_ADMIN); and what tug-trees need to lock themselves in.
constexpr uint64_t kCapabilities =
    CapabilityBit(CAP_CHOWN) | CapabilityBit(CAP_DAC_OVERRIDE) |
    CapabilityBit(CAP_FOWNER) | CapabilityBit(CAP_FSETID) |
    CapabilityBit(CAP_MKNOD) | CapabilityBit(CAP_SETFCAP) |
    CapabilityBit(CAP_SYS_ADMIN) | CapabilityBit(CAP_SYS_CHROOT) |
    CapabilityBit(CAP_SETPCAP);

std::string Folder(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

}  // namespace

absl::Status KeepNeededRights(const Places& places) {
  if (unshare(CLONE_NEWNET | CLONE_NEWIPC) != 0) {
    return ErrnoStatus(errno, "unshare network and IPC");
  }
  RETURN_IF_ERROR(MakeHarmlessMount(places.state));
  std::vector<FileRule> files = SystemFileRules();
  files.push_back({places.state, FileAccess::kOwn});
  files.push_back({Folder(places.tree_program), FileAccess::kExecute});
  if (places.has_sockets) {
    const std::string registry =
        absl::StrCat(places.run_directory, "/registryd");
    RETURN_IF_ERROR(HideAllBut(places.run_directory,
                               {absl::StrCat(registry, ".sock"),
                                absl::StrCat(registry, ".bytes.sock")}));
  } else {
    files.push_back({places.run_directory, FileAccess::kOwn});
  }
  return Confine(
      {.capabilities = kCapabilities,
       .files = std::move(files),
       .calls = kFileCalls | kNodeCalls | kChildCalls | kNamespaceCalls});
}

}  // namespace tug::imaged
