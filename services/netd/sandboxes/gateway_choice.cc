// SPDX-License-Identifier: Apache-2.0
#include "services/netd/sandboxes/gateway_choice.h"

#include <sys/socket.h>

#include <tuple>

namespace tug::netd {
namespace {

bool HasRoute(const LiveEndpoint& endpoint, int family) {
  if (!endpoint.is_bridge() || endpoint.network.internal()) return false;
  return family == AF_INET ? endpoint.v4.has_value() : endpoint.v6.has_value();
}

}  // namespace

const LiveEndpoint* ChooseGateway(const std::vector<LiveEndpoint>& endpoints,
                                  int family) {
  const LiveEndpoint* best = nullptr;
  for (const LiveEndpoint& one : endpoints) {
    if (!HasRoute(one, family)) continue;
    const auto rank = [](const LiveEndpoint& e) {
      return std::make_tuple(-e.gateway_priority, e.network.name());
    };
    if (best == nullptr || rank(one) < rank(*best)) best = &one;
  }
  return best;
}

PortTarget ChoosePortTarget(const std::vector<LiveEndpoint>& endpoints) {
  PortTarget target;
  const LiveEndpoint* const v4 = ChooseGateway(endpoints, AF_INET);
  const LiveEndpoint* const v6 = ChooseGateway(endpoints, AF_INET6);
  if (v4 != nullptr) target.v4 = v4->v4->address;
  if (v6 != nullptr) target.v6 = v6->v6->address;
  return target;
}

}  // namespace tug::netd
