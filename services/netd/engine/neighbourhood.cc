// SPDX-License-Identifier: Apache-2.0
#include "services/netd/engine/neighbourhood.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/netlink/address.h"
#include "lib/netlink/link.h"
#include "lib/netlink/route.h"
#include "services/netd/namespaces/network_namespace.h"
#include "services/netd/sysctl/sysctl.h"

namespace tug::netd {
namespace {

using netlink::ChangeLink;
using netlink::FindLink;
using netlink::IpAddress;
using netlink::IpPrefix;
using netlink::Socket;

// Longer than the first retransmission of a SYN or of a neighbour solicitation
// (1 s), which a busy machine may need.
constexpr int kPatienceMs = 2500;
constexpr char kNear[] = "near";
constexpr char kFar[] = "far";

UniqueFd Open(Place place, int type, int family = AF_INET) {
  UniqueFd fd;
  const auto open = [&]() -> absl::Status {
    fd.reset(socket(family, type | SOCK_CLOEXEC, 0));
    return absl::OkStatus();
  };
  if (place.valid()) {
    (void)RunInNamespace(place, open);
  } else {
    (void)open();
  }
  return fd;
}

bool Bind(const UniqueFd& fd, uint16_t port, int family = AF_INET) {
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_storage address;
  const socklen_t size =
      netlink::ToSockaddr(IpAddress::FromNumber(family, 0), port, address);
  return bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) == 0;
}

bool Wait(const UniqueFd& fd, short events) {
  pollfd one = {fd.get(), events, 0};
  return poll(&one, 1, kPatienceMs) == 1;
}

absl::Status SetUp(Socket& socket, const char* link, const char* v4,
                   const char* v6) {
  ASSIGN_OR_RETURN(const netlink::LinkInfo info, FindLink(socket, link));
  std::vector<netlink::Message> batch;
  batch.push_back(netlink::AddAddress(info.index, {*IpAddress::Parse(v4), 24}));
  batch.push_back(netlink::AddAddress(info.index, {*IpAddress::Parse(v6), 64}));
  batch.push_back(ChangeLink(info.index, {.up = true}));
  return socket.Exchange(absl::MakeSpan(batch));
}

}  // namespace

absl::StatusOr<UniqueFd> AddNeighbour(const Neighbour& neighbour) {
  ASSIGN_OR_RETURN(Socket host, Socket::Open(NETLINK_ROUTE));
  ASSIGN_OR_RETURN(NamespaceMaker maker, NamespaceMaker::Open());
  ASSIGN_OR_RETURN(ReadyNamespace other, maker.Make(/*with_interface=*/false));
  RETURN_IF_ERROR(host.Exchange(
      netlink::CreateVeth({.name = neighbour.link,
                           .peer_name = kFar,
                           .peer_mac = netlink::RandomMac(),
                           .peer_namespace_fd = other.fd.get()})));
  RETURN_IF_ERROR(
      SetUp(host, neighbour.link, neighbour.host_v4, neighbour.host_v6));
  RETURN_IF_ERROR(SetUp(other.route, kFar, neighbour.v4, neighbour.v6));
  // Also 127/8 goes to the host: a neighbour that means harm. Loopback is
  // down, so that it is not in the way.
  RETURN_IF_ERROR(other.route.Exchange(ChangeLink("lo", {.up = false})));
  RETURN_IF_ERROR(RunInNamespace(other.fd, [] {
    return WriteSysctl("ipv4/conf/all/route_localnet", "1");
  }));
  for (const char* gateway : {neighbour.host_v4, neighbour.host_v6}) {
    RETURN_IF_ERROR(other.route.Exchange(
        netlink::SetDefaultRoute(*IpAddress::Parse(gateway), 0)));
  }
  return std::move(other.fd);
}

absl::StatusOr<UniqueFd> BuildNeighbourhood() {
  if (unshare(CLONE_NEWNET) != 0) return ErrnoStatus(errno, "unshare");
  ASSIGN_OR_RETURN(Socket host, Socket::Open(NETLINK_ROUTE));
  RETURN_IF_ERROR(host.Exchange(ChangeLink("lo", {.up = true})));
  // A new namespace has the host's settings.
  for (const char* path : {"ipv4/ip_forward", "ipv6/conf/all/forwarding"}) {
    RETURN_IF_ERROR(WriteSysctl(path, "0"));
  }
  return AddNeighbour({.link = kNear,
                       .host_v4 = kHostAddress,
                       .host_v6 = kHostAddress6,
                       .v4 = kNeighbourAddress,
                       .v6 = kNeighbourAddress6});
}

bool IsOwnNamespace() {
  struct stat own;
  struct stat parent;
  const std::string of_parent = absl::StrCat("/proc/", getppid(), "/ns/net");
  return stat("/proc/thread-self/ns/net", &own) == 0 &&
         stat(of_parent.c_str(), &parent) == 0 && own.st_ino != parent.st_ino;
}

UniqueFd Listen(Place place, uint16_t port, int family) {
  UniqueFd fd = Open(place, SOCK_STREAM | SOCK_NONBLOCK, family);
  if (!Bind(fd, port, family) || listen(fd.get(), 8) != 0) fd.reset();
  return fd;
}

bool Reaches(Place place, const std::string& address, uint16_t port,
             const UniqueFd& listener) {
  const IpAddress target = *IpAddress::Parse(address);
  const UniqueFd client =
      Open(place, SOCK_STREAM | SOCK_NONBLOCK, target.family());
  sockaddr_storage to;
  const socklen_t size = netlink::ToSockaddr(target, port, to);
  connect(client.get(), reinterpret_cast<sockaddr*>(&to), size);
  if (!Wait(listener, POLLIN)) return false;
  const UniqueFd accepted(accept(listener.get(), nullptr, nullptr));
  if (!accepted || send(accepted.get(), "x", 1, MSG_NOSIGNAL) != 1) {
    return false;
  }
  char byte = 0;
  return Wait(client, POLLIN) && recv(client.get(), &byte, 1, 0) == 1;
}

UniqueFd BindUdp(Place place, uint16_t port) {
  UniqueFd fd = Open(place, SOCK_DGRAM | SOCK_NONBLOCK);
  if (!Bind(fd, port)) fd.reset();
  return fd;
}

std::string AskUdp(Place place, const std::string& address, uint16_t port,
                   const UniqueFd& server) {
  const UniqueFd client = Open(place, SOCK_DGRAM | SOCK_NONBLOCK);
  sockaddr_storage to;
  const socklen_t size =
      netlink::ToSockaddr(*IpAddress::Parse(address), port, to);
  connect(client.get(), reinterpret_cast<sockaddr*>(&to), size);
  if (send(client.get(), "ping", 4, 0) != 4 || !Wait(server, POLLIN)) return "";
  char buffer[64];
  sockaddr_in from;
  socklen_t from_size = sizeof(from);
  recvfrom(server.get(), buffer, sizeof(buffer), 0,
           reinterpret_cast<sockaddr*>(&from), &from_size);
  const std::string seen =
      IpAddress::FromBytes(AF_INET, &from.sin_addr).ToString();
  sendto(server.get(), seen.data(), seen.size(), 0,
         reinterpret_cast<sockaddr*>(&from), from_size);
  if (!Wait(client, POLLIN)) return "";
  const ssize_t got = recv(client.get(), buffer, sizeof(buffer), 0);
  return got > 0 ? std::string(buffer, static_cast<size_t>(got)) : "";
}

bool SendUdp(const UniqueFd& client, const std::string& address, uint16_t port,
             const UniqueFd& server) {
  sockaddr_storage to;
  const socklen_t size =
      netlink::ToSockaddr(*IpAddress::Parse(address), port, to);
  char buffer[64];
  return sendto(client.get(), "ping", 4, 0, reinterpret_cast<sockaddr*>(&to),
                size) == 4 &&
         Wait(server, POLLIN) &&
         recv(server.get(), buffer, sizeof(buffer), 0) == 4;
}

std::string Resolve(Place place, const std::string& name, int family) {
  std::string query("\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
  for (const absl::string_view label : absl::StrSplit(name, '.')) {
    query.push_back(static_cast<char>(label.size()));
    query.append(label.data(), label.size());
  }
  const bool v4 = family == AF_INET;
  query.append(v4 ? "\x00\x00\x01\x00\x01" : "\x00\x00\x1c\x00\x01", 5);
  const UniqueFd client = Open(place, SOCK_DGRAM | SOCK_NONBLOCK);
  sockaddr_storage to;
  const socklen_t size =
      netlink::ToSockaddr(*IpAddress::Parse("127.0.0.11"), 53, to);
  connect(client.get(), reinterpret_cast<sockaddr*>(&to), size);
  send(client.get(), query.data(), query.size(), 0);
  char reply[512];
  if (!Wait(client, POLLIN)) return "silence";
  const ssize_t got = recv(client.get(), reply, sizeof(reply), 0);
  if (got < 12) return "silence";
  if (reply[7] == 0) return absl::StrCat("code ", reply[3] & 15);
  return IpAddress::FromBytes(family, reply + got - (v4 ? 4 : 16)).ToString();
}

}  // namespace tug::netd
