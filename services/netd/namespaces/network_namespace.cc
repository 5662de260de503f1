// SPDX-License-Identifier: Apache-2.0
#include "services/netd/namespaces/network_namespace.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/base/thread.h"
#include "lib/netlink/ip.h"
#include "services/netd/sysctl/sysctl.h"

namespace tug::netd {
namespace {

constexpr char kOwnNamespace[] = "/proc/thread-self/ns/net";
constexpr char kHostNamespace[] = "/proc/self/ns/net";
constexpr char kResolverAddress[] = "127.0.0.11";
// Queries by TCP that may wait; they are rare.
constexpr int kResolverBacklog = 16;
// The index that the kernel gives loopback.
constexpr int kLoopbackIndex = 1;

absl::StatusOr<UniqueFd> OpenNamespace(const char* path) {
  UniqueFd fd(open(path, O_RDONLY | O_CLOEXEC));
  if (!fd) return ErrnoStatus(errno, absl::StrCat("open ", path));
  return fd;
}

absl::StatusOr<uint16_t> BindResolver(const UniqueFd& fd) {
  sockaddr_storage address;
  socklen_t size = netlink::ToSockaddr(
      *netlink::IpAddress::Parse(kResolverAddress), 0, address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (!fd || bind(fd.get(), generic, size) != 0 ||
      getsockname(fd.get(), generic, &size) != 0) {
    return ErrnoStatus(errno, "bind the resolver's socket");
  }
  return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

}  // namespace

std::string NewHostInterfaceName() {
  return absl::StrCat(kHostInterfacePrefix,
                      absl::BytesToHexString(RandomBytes(5)));
}

absl::Status SetInterfaceSysctls(const std::string& interface, bool ipv6) {
  RETURN_IF_ERROR(
      WriteSysctl(absl::StrCat("ipv4/conf/", interface, "/arp_notify"), "1"));
  const std::string v6 = absl::StrCat("ipv6/conf/", interface, "/");
  const absl::Status status = WriteSysctl(v6 + "accept_ra", "0");
  if (absl::IsNotFound(status)) return absl::OkStatus();  // No IPv6 at all.
  RETURN_IF_ERROR(status);
  return WriteSysctl(v6 + "disable_ipv6", ipv6 ? "0" : "1");
}

absl::StatusOr<ResolverSockets> OpenResolverSockets() {
  constexpr int kFlags = SOCK_CLOEXEC | SOCK_NONBLOCK;
  ResolverSockets sockets;
  sockets.udp.reset(socket(AF_INET, SOCK_DGRAM | kFlags, 0));
  ASSIGN_OR_RETURN(sockets.udp_port, BindResolver(sockets.udp));
  sockets.tcp.reset(socket(AF_INET, SOCK_STREAM | kFlags, 0));
  ASSIGN_OR_RETURN(sockets.tcp_port, BindResolver(sockets.tcp));
  if (listen(sockets.tcp.get(), kResolverBacklog) != 0) {
    return ErrnoStatus(errno, "listen on the resolver's socket");
  }
  return sockets;
}

absl::Status RunInNamespace(const UniqueFd& fd,
                            absl::FunctionRef<absl::Status()> work) {
  absl::Status result;
  ASSIGN_OR_RETURN(Thread thread, Thread::Start([&] {
                     result =
                         setns(fd.get(), CLONE_NEWNET) == 0
                             ? work()
                             : ErrnoStatus(errno, "enter network namespace");
                   }));
  thread.Join();
  return result;
}

absl::StatusOr<NamespaceMaker> NamespaceMaker::Open() {
  ASSIGN_OR_RETURN(UniqueFd home, OpenNamespace(kOwnNamespace));
  ASSIGN_OR_RETURN(netlink::Socket host, netlink::Socket::Open(NETLINK_ROUTE));
  return NamespaceMaker(std::move(home), std::move(host));
}

absl::StatusOr<ReadyNamespace> NamespaceMaker::Make(bool with_interface) {
  if (unshare(CLONE_NEWNET) != 0) {
    return ErrnoStatus(errno, "make network namespace");
  }
  ReadyNamespace made;
  absl::Status status = Fill(made, with_interface);
  // Home in any case: a thread keeps alive the namespace that it is in.
  if (setns(home_.get(), CLONE_NEWNET) != 0 && status.ok()) {
    status = ErrnoStatus(errno, "return to the host's network namespace");
  }
  RETURN_IF_ERROR(status);
  return made;
}

absl::Status NamespaceMaker::Fill(ReadyNamespace& made, bool with_interface) {
  ASSIGN_OR_RETURN(made.fd, OpenNamespace(kOwnNamespace));
  ASSIGN_OR_RETURN(made.route, netlink::Socket::Open(NETLINK_ROUTE));
  ASSIGN_OR_RETURN(made.firewall, netlink::Socket::Open(NETLINK_NETFILTER));
  RETURN_IF_ERROR(WriteSysctl("ipv4/ip_unprivileged_port_start", "0"));
  RETURN_IF_ERROR(WriteSysctl("ipv4/ping_group_range", "0 2147483647"));
  RETURN_IF_ERROR(
      made.route.Exchange(netlink::ChangeLink(kLoopbackIndex, {.up = true})));
  ASSIGN_OR_RETURN(made.resolver, OpenResolverSockets());
  return with_interface ? AddInterface(made) : absl::OkStatus();
}

absl::Status NamespaceMaker::AddInterface(ReadyNamespace& made) {
  made.host_interface = NewHostInterfaceName();
  made.mac = netlink::RandomMac();
  std::vector<netlink::Message> batch;
  batch.push_back(netlink::CreateVeth({.name = made.host_interface,
                                       .peer_name = kReadyInterface,
                                       .peer_mac = made.mac,
                                       .mtu = kReadyMtu,
                                       .peer_namespace_fd = made.fd.get()}));
  batch.push_back(netlink::ChangeLink(made.host_interface,
                                      {.no_address_generation = true}));
  batch.push_back(netlink::ChangeLink(made.host_interface, {.up = true}));
  RETURN_IF_ERROR(host_.Exchange(absl::MakeSpan(batch)));
  RETURN_IF_ERROR(SetInterfaceSysctls(kReadyInterface, /*ipv6=*/false));
  ASSIGN_OR_RETURN(const netlink::LinkInfo inner,
                   netlink::FindLink(made.route, kReadyInterface));
  ASSIGN_OR_RETURN(const netlink::LinkInfo outer,
                   netlink::FindLink(host_, made.host_interface));
  made.inner_index = inner.index;
  made.host_index = outer.index;
  RETURN_IF_ERROR(
      made.route.Exchange(netlink::ChangeLink(inner.index, {.up = true})));
  RETURN_IF_ERROR(netlink::AwaitRunning(made.route, inner.index));
  return netlink::AwaitRunning(host_, outer.index);
}

absl::Status CheckContainerNamespace(const UniqueFd& fd) {
  const auto invalid = [](absl::string_view why) {
    return WithReason(
        absl::InvalidArgumentError(absl::StrCat("the descriptor is ", why)),
        "NAMESPACE_INVALID");
  };
  if (ioctl(fd.get(), NS_GET_NSTYPE) != CLONE_NEWNET) {
    return invalid("no network namespace");
  }
  ASSIGN_OR_RETURN(const UniqueFd host, OpenNamespace(kHostNamespace));
  if (IsSameNamespace(fd, host)) return invalid("the host's namespace");
  return absl::OkStatus();
}

bool IsSameNamespace(const UniqueFd& a, const UniqueFd& b) {
  struct stat one;
  struct stat other;
  return fstat(a.get(), &one) == 0 && fstat(b.get(), &other) == 0 &&
         one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace tug::netd
