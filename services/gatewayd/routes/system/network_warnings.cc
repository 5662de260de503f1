// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/system/network_warnings.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tug::gatewayd {

std::vector<std::string> NetworkWarnings(
    const network::v1::HostNetworking& networking) {
  std::vector<std::string> warnings;
  for (const std::string& chain : networking.forward_drops()) {
    // Docker's own place for rules that it leaves alone.
    const bool by_iptables = absl::EndsWith(chain, " filter FORWARD");
    warnings.push_back(absl::StrCat(
        "WARNING: The firewall chain \"", chain,
        "\" drops forwarded packets by default, which cuts off containers: "
        "accept there what comes from and goes to the bridges of Tug",
        by_iptables ? " (with Docker: in its chain DOCKER-USER)" : ""));
  }
  return warnings;
}

}  // namespace tug::gatewayd
