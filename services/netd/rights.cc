// SPDX-License-Identifier: Apache-2.0
#include "services/netd/rights.h"

#include <linux/capability.h>

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/confine/confine.h"

namespace tug::netd {
namespace {

// NET_ADMIN: links, addresses, routes, nftables. SYS_ADMIN: to make and enter
// network namespaces. DAC_OVERRIDE: hosts and resolv.conf, whose owner and mode
// containers may change.
constexpr uint64_t kCapabilities =
    CapabilityBit(CAP_NET_ADMIN) | CapabilityBit(CAP_SYS_ADMIN) |
    CapabilityBit(CAP_NET_BIND_SERVICE) | CapabilityBit(CAP_DAC_OVERRIDE);

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
  files.push_back({"/proc/sys/net", FileAccess::kWrite});
  // The servers behind a stub that containers cannot reach.
  files.push_back({"/run/systemd/resolve", FileAccess::kRead});
  return Confine(
      {.capabilities = kCapabilities,
       .files = std::move(files),
       .calls = kFileCalls | kInternetCalls | kNamespaceCalls | kChildCalls});
}

}  // namespace tug::netd
