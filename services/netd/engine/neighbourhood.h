// SPDX-License-Identifier: Apache-2.0
//
// For tests: a host of one's own in a network namespace, and a second one that
// is its neighbour.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/sys/unique_fd.h"

namespace tug::netd {

inline constexpr char kHostAddress[] = "203.0.113.1";
inline constexpr char kNeighbourAddress[] = "203.0.113.2";
inline constexpr char kHostAddress6[] = "2001:db8:113::1";
inline constexpr char kNeighbourAddress6[] = "2001:db8:113::2";

// Moves the process into a namespace that plays the host (loopback up), and
// makes a neighbour on a link of its own, with a default route through the
// host. Answers the neighbour's namespace.
absl::StatusOr<UniqueFd> BuildNeighbourhood();

// Makes another neighbour in the same way, on another link of the host.
struct Neighbour {
  const char* link;  // The host's end.
  const char* host_v4;
  const char* host_v6;
  const char* v4;
  const char* v6;
};
absl::StatusOr<UniqueFd> AddNeighbour(const Neighbour& neighbour);

// Whether the calling thread is in a network namespace of its own, where it may
// flush the ruleset.
bool IsOwnNamespace();

// A place to open sockets in: a namespace, or the host if invalid.
using Place = const UniqueFd&;

// A TCP socket that listens on every address of one family.
UniqueFd Listen(Place place, uint16_t port, int family = AF_INET);
// Whether a connection from `place` gets through within half a second, and
// ends at `listener`.
bool Reaches(Place place, const std::string& address, uint16_t port,
             const UniqueFd& listener);
// Sends "ping" by UDP and tells what comes back within half a second; "" if
// nothing. `server` (from BindUdp) answers with the sender's address.
UniqueFd BindUdp(Place place, uint16_t port);
std::string AskUdp(Place place, const std::string& address, uint16_t port,
                   const UniqueFd& server);
// Whether a datagram of `client` (from BindUdp) arrives at `server` within half
// a second.
bool SendUdp(const UniqueFd& client, const std::string& address, uint16_t port,
             const UniqueFd& server);
// Asks 127.0.0.11 for the A record of `name`, or AAAA with AF_INET6; the
// address, or "code N".
std::string Resolve(Place place, const std::string& name, int family = AF_INET);

}  // namespace tug::netd
