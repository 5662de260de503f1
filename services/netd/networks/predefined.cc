// SPDX-License-Identifier: Apache-2.0
#include "services/netd/networks/predefined.h"

namespace tug::netd {

bool IsPredefined(absl::string_view name) {
  return name == kDefaultBridge || name == kHostNetwork ||
         name == kNoneNetwork || name == "default";
}

bool IsUserDefined(const network::v1::Network& network) {
  return network.driver() == kBridgeDriver && network.name() != kDefaultBridge;
}

}  // namespace tug::netd
