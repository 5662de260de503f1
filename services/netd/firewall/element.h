// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/netlink/ip.h"

namespace tug::netd {

// Sets and maps of the table, as named in the kernel.
inline constexpr char kBridgesSet[] = "bridges";
inline constexpr char kInternalSet[] = "internal_bridges";
inline constexpr char kTalkingSet[] = "talking_pairs";
inline constexpr char kPairsSet[] = "bridge_pairs";
inline constexpr char kQuietSet[] = "quiet_bridges";
inline constexpr char kMasqueradeSet[] = "masquerade_from";
inline constexpr char kRoutedBeforeSet[] = "routed_before";
inline constexpr char kPublishedAtMap[] = "published_at";
inline constexpr char kPublishedAnyMap[] = "published_any";

// One element of a set or map, in the kernel's own form.
struct Element {
  // AF_INET or AF_INET6: which of the two tables.
  int family = 0;
  std::string set;
  std::string key;
  // Empty in a set.
  std::string data;

  auto operator<=>(const Element&) const = default;
};

// How a bridge is to be treated.
struct BridgePolicy {
  std::string name;
  bool internal = false;
  bool masquerade = true;
  // Whether its containers may talk to each other.
  bool inter_container = true;
};
std::vector<Element> BridgeElements(const BridgePolicy& policy);

// Lets pass what comes in by this interface, whoever else is kept from using
// the host as a router.
Element RoutedBeforeElement(int family, absl::string_view interface);

// One published port: what reaches the host there goes to `target`. An
// unspecified `host` stands for every address of the host; the families of
// `host` and `target` are the same.
struct PortForward {
  // IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP.
  uint8_t protocol = 0;
  netlink::IpAddress host;
  uint16_t host_port = 0;
  netlink::IpAddress target;
  uint16_t target_port = 0;

  auto operator<=>(const PortForward&) const = default;
};
Element PortElement(const PortForward& forward);

}  // namespace tug::netd
