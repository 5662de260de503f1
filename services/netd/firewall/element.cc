// SPDX-License-Identifier: Apache-2.0
#include "services/netd/firewall/element.h"

#include <sys/socket.h>

#include "lib/netlink/link.h"

namespace tug::netd {
namespace {

// Parts of a concatenation fill 32-bit registers.
constexpr size_t kRegister = 4;

void AppendPadded(std::string& bytes, absl::string_view part) {
  bytes.append(part.data(), part.size());
  bytes.resize((bytes.size() + kRegister - 1) / kRegister * kRegister);
}

std::string InterfaceKey(absl::string_view name) {
  std::string key(name);
  key.resize(netlink::kMaxLinkName + 1);
  return key;
}

void AppendPort(std::string& bytes, uint16_t port) {
  const char big_endian[] = {static_cast<char>(port >> 8),
                             static_cast<char>(port & 0xff)};
  AppendPadded(bytes, absl::string_view(big_endian, 2));
}

void AppendAddress(std::string& bytes, const netlink::IpAddress& address) {
  AppendPadded(bytes,
               absl::string_view(reinterpret_cast<const char*>(address.bytes()),
                                 address.size()));
}

}  // namespace

std::vector<Element> BridgeElements(const BridgePolicy& policy) {
  const std::string one = InterfaceKey(policy.name);
  const std::string pair = one + one;
  std::vector<Element> elements;
  for (const int family : {AF_INET, AF_INET6}) {
    elements.push_back({family, kBridgesSet, one, ""});
    elements.push_back({family, kPairsSet, pair, ""});
    if (policy.inter_container) {
      elements.push_back({family, kTalkingSet, pair, ""});
    } else {
      elements.push_back({family, kQuietSet, one, ""});
    }
    if (policy.internal) {
      elements.push_back({family, kInternalSet, one, ""});
    } else if (policy.masquerade) {
      elements.push_back({family, kMasqueradeSet, one, ""});
    }
  }
  return elements;
}

Element RoutedBeforeElement(int family, absl::string_view interface) {
  return {family, kRoutedBeforeSet, InterfaceKey(interface), ""};
}

Element PortElement(const PortForward& forward) {
  Element element;
  element.family = forward.target.family();
  const bool any = forward.host.IsUnspecified();
  element.set = any ? kPublishedAnyMap : kPublishedAtMap;
  const char protocol = static_cast<char>(forward.protocol);
  AppendPadded(element.key, absl::string_view(&protocol, 1));
  if (!any) AppendAddress(element.key, forward.host);
  AppendPort(element.key, forward.host_port);
  AppendAddress(element.data, forward.target);
  AppendPort(element.data, forward.target_port);
  return element;
}

}  // namespace tug::netd
