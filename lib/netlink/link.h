// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/netlink/message.h"
#include "lib/netlink/socket.h"

namespace tug::netlink {

// Longest name of an interface (IFNAMSIZ without the terminator).
inline constexpr size_t kMaxLinkName = 15;

using MacAddress = std::array<uint8_t, 6>;

// INVALID_ARGUMENT unless six hex pairs with ':' or '-' between, unicast.
absl::StatusOr<MacAddress> ParseMac(absl::string_view text);
std::string ToString(const MacAddress& mac);
// Random, unicast, locally administered.
MacAddress RandomMac();

// Whether the kernel takes `name` as the name of an interface.
bool IsLinkName(absl::string_view name);

struct LinkInfo {
  int index = 0;
  std::string name;
  // "bridge", "veth"; empty for hardware.
  std::string kind;
  MacAddress mac = {};
  uint32_t mtu = 0;
  int master = 0;
  bool up = false;
  // Up, and carrying packets.
  bool running = false;
  // A text for people (ip link set alias); marks whose it is.
  std::string alias;
};

// Requests. `index` names the link to change.
Message CreateBridge(absl::string_view name, const MacAddress& mac,
                     uint32_t mtu);
Message CreateDummy(absl::string_view name);

struct VethSpec {
  std::string name;
  std::string peer_name;
  MacAddress peer_mac = {};
  uint32_t mtu = 1500;
  // Namespace of the peer; -1: the socket's own.
  int peer_namespace_fd = -1;
  // Bridge to join; 0: none.
  int master = 0;
};
// Both ends are down.
Message CreateVeth(const VethSpec& spec);

// What to change about a link; absent parts stay.
struct LinkChange {
  std::optional<bool> up;
  std::optional<int> master;
  std::optional<uint32_t> mtu;
  std::optional<MacAddress> mac;
  std::optional<std::string> name;
  std::optional<int> namespace_fd;
  // At most 255 bytes.
  std::optional<std::string> alias;
  // Without it an interface gets a link-local IPv6 address of its own when it
  // comes up; so this goes in a request before that one.
  bool no_address_generation = false;
};
Message ChangeLink(int index, const LinkChange& change);
// For a link whose index is not known yet; `change.name` must be absent.
Message ChangeLink(absl::string_view name, const LinkChange& change);

// Settings of a link that is already a bridge's port.
struct BridgePortChange {
  // Frames between two isolated ports are dropped.
  bool isolated = false;
  // Frames may leave where they came in.
  bool hairpin = false;
};
Message ChangeBridgePort(int index, const BridgePortChange& change);

Message DeleteLink(int index);
Message DeleteLink(absl::string_view name);

// NOT_FOUND if there is none.
absl::StatusOr<LinkInfo> FindLink(Socket& socket, absl::string_view name);
absl::StatusOr<LinkInfo> FindLink(Socket& socket, int index);

// Waits until the link carries packets. A link that has just got its carrier
// drops what it is given until the kernel's own work on it is done, a moment
// later. DEADLINE_EXCEEDED after kCarrierPatience.
inline constexpr absl::Duration kCarrierPatience = absl::Milliseconds(200);
absl::Status AwaitRunning(Socket& socket, int index);

absl::StatusOr<std::vector<LinkInfo>> ListLinks(Socket& socket);

}  // namespace tug::netlink
