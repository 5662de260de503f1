// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/netlink/link.h"
#include "lib/netlink/socket.h"
#include "lib/sys/unique_fd.h"

namespace tug::netd {

// Sockets of the embedded resolver inside a namespace, on ports of the kernel's
// choice at 127.0.0.11.
struct ResolverSockets {
  UniqueFd udp;
  UniqueFd tcp;
  uint16_t udp_port = 0;
  uint16_t tcp_port = 0;
};

// A namespace that no container has used yet: loopback is up, and what every
// container's network has is set.
struct ReadyNamespace {
  UniqueFd fd;
  // Inside.
  netlink::Socket route;
  netlink::Socket firewall;
  ResolverSockets resolver;
  // One end of a veth pair waits inside under the name kReadyInterface, up,
  // with IPv6 off; the other in the host's namespace, up. 0: there is none.
  int inner_index = 0;
  netlink::MacAddress mac = {};
  int host_index = 0;
  std::string host_interface;
};

inline constexpr char kReadyInterface[] = "eth0";
inline constexpr uint32_t kReadyMtu = 1500;
// Names of host ends begin with this.
inline constexpr char kHostInterfacePrefix[] = "tugv";

// A name for the host's end of a pair.
std::string NewHostInterfaceName();

// Settings of a container's interface, of the calling thread's namespace: no
// router advertisements, IPv6 as asked, and an announcement when its address
// is set.
absl::Status SetInterfaceSysctls(const std::string& interface, bool ipv6);

// Opens the sockets in the calling thread's namespace.
absl::StatusOr<ResolverSockets> OpenResolverSockets();

// Runs `work` on a thread of its own inside the namespace `fd`, and waits.
absl::Status RunInNamespace(const UniqueFd& fd,
                            absl::FunctionRef<absl::Status()> work);

// Makes namespaces. The thread that calls it goes there and back, so it must
// have no other business.
class NamespaceMaker {
 public:
  // Of the calling thread's namespace, to which pairs are joined.
  static absl::StatusOr<NamespaceMaker> Open();

  absl::StatusOr<ReadyNamespace> Make(bool with_interface);

 private:
  NamespaceMaker(UniqueFd home, netlink::Socket host)
      : home_(std::move(home)), host_(std::move(host)) {}
  absl::Status Fill(ReadyNamespace& made, bool with_interface);
  absl::Status AddInterface(ReadyNamespace& made);

  UniqueFd home_;
  netlink::Socket host_;
};

// INVALID_ARGUMENT (NAMESPACE_INVALID) unless `fd` is a network namespace
// other than the host's.
absl::Status CheckContainerNamespace(const UniqueFd& fd);
// Whether both are the same namespace.
bool IsSameNamespace(const UniqueFd& a, const UniqueFd& b);

}  // namespace tug::netd
