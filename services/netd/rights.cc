// SPDX-License-Identifier: Apache-2.0
#include "services/netd/rights.h"

#include <linux/capability.h>

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/confine/confine.h"

namespace tug::netd {
namespace {

// NET_ADMIN: links, addresses, routes, nftables. SYS_ADMIN: to make and enter
// network namespaces. DAC_OVERRIDE: hosts and resolv.conf, whose owner and mode
// containers may change.
constexpr uint64_t kCapabilities =
    CapabilityBit(CAP_NET_ADMIN) | CapabilityBit(CAP_SYS_ADMIN) |
    CapabilityBit(CAP_NET_BIND_SERVICE) | CapabilityBit(CAP_DAC_OVERRIDE);

constexpr char kNetworkSettings[] = "/proc/sys/net";

}  // namespace

absl::Status KeepOnlyNetworkRights(const std::string& state_directory,
                                   const std::string& run_directory) {
  std::vector<FileRule> files = SystemFileRules();
  for (const std::string& parent : {state_directory, run_directory}) {
    const std::string own = absl::StrCat(parent, "/netd");
    // What does not exist cannot be allowed.
    std::error_code error;
    std::filesystem::create_directories(own, error);
    if (error) return ErrnoStatus(error.value(), absl::StrCat("make ", own));
    files.push_back({own, FileAccess::kOwn});
  }
  // As user 0 it could else write every setting of the kernel. A mount of its
  // own, so that the rule holds however often the folder is looked up anew.
  RETURN_IF_ERROR(MakeOwnMount(kNetworkSettings));
  files.push_back({kNetworkSettings, FileAccess::kWrite});
  // The servers behind a stub that containers cannot reach.
  files.push_back({"/run/systemd/resolve", FileAccess::kRead});
  return Confine(
      {.capabilities = kCapabilities,
       .files = std::move(files),
       .may_signal = true,  // The keeper of the resolver.
       .calls = kFileCalls | kInternetCalls | kNamespaceCalls | kWaitCalls});
}

}  // namespace tug::netd
