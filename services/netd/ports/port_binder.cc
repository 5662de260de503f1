// SPDX-License-Identifier: Apache-2.0
#include "services/netd/ports/port_binder.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/netd/sysctl/sysctl.h"

namespace tug::netd {
namespace {

using netlink::IpAddress;

// Connections that may wait for the relay.
constexpr int kBacklog = 128;
// The kernel's own default, where the setting cannot be read.
constexpr uint32_t kFirstFree = 32768;
constexpr uint32_t kLastFree = 60999;

// 0, or the errno.
int Listen(int fd, const PortWish& wish, const IpAddress& host, uint16_t port) {
  const int on = 1;
  if (!host.is_v4()) {
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  }
  // Connections of an earlier owner that linger in TIME_WAIT do not count; a
  // listener does, because this socket listens too.
  if (wish.protocol == IPPROTO_TCP) {
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  }
  sockaddr_storage address;
  const socklen_t size = netlink::ToSockaddr(host, port, address);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0) return errno;
  if (wish.protocol != IPPROTO_TCP) return 0;
  return listen(fd, kBacklog) == 0 ? 0 : errno;
}

UniqueFd OpenSocket(uint8_t protocol, const IpAddress& host) {
  const int type = protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
  return UniqueFd(
      socket(host.family(), type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
}

bool HasIpv6() {
  return UniqueFd(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)).valid();
}

std::vector<IpAddress> HostsOf(const PortWish& wish,
                               const IpAddress& any_host) {
  if (wish.host.has_value()) return {*wish.host};
  std::vector<IpAddress> hosts = {any_host};
  if (any_host.IsUnspecified() && HasIpv6()) {
    hosts.push_back(IpAddress::FromNumber(AF_INET6, 0));
  }
  return hosts;
}

absl::Status Taken(const PortWish& wish, const IpAddress& host) {
  const std::string port = wish.first == wish.last
                               ? absl::StrCat(wish.first)
                               : absl::StrCat(wish.first, "-", wish.last);
  const bool is_range = wish.first != wish.last || wish.first == 0;
  absl::Status status = absl::FailedPreconditionError(absl::StrCat(
      "Bind for ", host.ToString(), ":", port, " failed: ",
      is_range ? "all ports are allocated" : "port is already allocated"));
  status = WithReason(status, "PORT_TAKEN");
  status = WithMetadata(status, "address", host.ToString());
  status = WithMetadata(status, "port", port);
  return WithMetadata(status, "protocol", ProtocolName(wish.protocol));
}

absl::Status Refused(const PortWish& wish, const IpAddress& host, uint16_t port,
                     int error) {
  if (error == EADDRINUSE) return Taken(wish, host);
  const absl::Status status =
      ErrnoStatus(error, absl::StrCat("bind ", host.ToString(), ":", port, "/",
                                      ProtocolName(wish.protocol)));
  const bool is_address = error == EADDRNOTAVAIL;
  return WithReason(
      absl::FailedPreconditionError(status.message()),
      is_address ? "HOST_ADDRESS_UNAVAILABLE" : "PROTOCOL_UNSUPPORTED");
}

// Binds the port on all of `hosts`. `*error` tells the errno of a failure.
absl::StatusOr<std::vector<BoundPort>> BindAll(
    const PortWish& wish, const std::vector<IpAddress>& hosts, uint16_t port,
    int* error) {
  std::vector<BoundPort> bound;
  for (const IpAddress& host : hosts) {
    UniqueFd socket = OpenSocket(wish.protocol, host);
    *error = socket ? Listen(socket.get(), wish, host, port) : errno;
    if (*error != 0) return Refused(wish, host, port, *error);
    bound.push_back(
        {wish.protocol, wish.container_port, host, port, std::move(socket)});
  }
  return bound;
}

std::pair<uint32_t, uint32_t> FreeRange() {
  const auto text = ReadSysctl("ipv4/ip_local_port_range");
  unsigned first = 0;
  unsigned last = 0;
  if (text.ok() && std::sscanf(text->c_str(), "%u %u", &first, &last) == 2 &&
      first > 0 && first <= last && last <= 65535) {
    return {first, last};
  }
  return {kFirstFree, kLastFree};
}

}  // namespace

absl::StatusOr<std::vector<BoundPort>> PortBinder::Bind(
    const PortWish& wish, const IpAddress& any_host) {
  const std::vector<IpAddress> hosts = HostsOf(wish, any_host);
  std::pair<uint32_t, uint32_t> range(wish.first, wish.last);
  uint32_t start = wish.first;
  if (wish.first == 0) {
    range = FreeRange();
    start = next_free_.load();
    if (start < range.first || start > range.second) start = range.first;
  }
  const uint32_t count = range.second - range.first + 1;
  for (uint32_t step = 0; step < count; ++step) {
    const uint32_t port = range.first + (start - range.first + step) % count;
    int error = 0;
    auto bound = BindAll(wish, hosts, static_cast<uint16_t>(port), &error);
    if (bound.ok() && wish.first == 0) next_free_.store(port + 1);
    if (bound.ok() || error != EADDRINUSE) return bound;
  }
  return Taken(wish, hosts.front());
}

}  // namespace tug::netd
