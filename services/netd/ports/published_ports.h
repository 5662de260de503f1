// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/netlink/ip.h"
#include "proto/tug/network/v1/network.pb.h"
#include "services/netd/firewall/element.h"
#include "services/netd/ports/port_binder.h"
#include "services/netd/ports/port_plan.h"
#include "services/netd/ports/relay.h"

namespace tug::netd {

// Where the published ports of a sandbox lead.
struct PortTarget {
  std::optional<netlink::IpAddress> v4;
  std::optional<netlink::IpAddress> v6;

  bool reachable() const { return v4.has_value() || v6.has_value(); }
};

// The host ports of one sandbox: held from construction to destruction.
//
// Not thread-safe.
class PublishedPorts {
 public:
  // Nothing published.
  PublishedPorts() = default;
  PublishedPorts(PublishedPorts&& other) noexcept;
  PublishedPorts& operator=(PublishedPorts&& other) noexcept;
  ~PublishedPorts() { Close(); }

  // Binds all wishes and serves them; the errors of PortBinder::Bind. `relay`
  // outlives the result. `target` must be reachable.
  static absl::StatusOr<PublishedPorts> Open(
      PortBinder& binder, Relay& relay, const std::vector<PortWish>& wishes,
      const netlink::IpAddress& any_host, const PortTarget& target);

  // What the firewall translates. A port without an address family in common
  // with the target is left to the relay.
  std::vector<Element> Elements() const;

  void Retarget(const PortTarget& target);

  // As the API shows them.
  std::vector<network::v1::PublishedPort> Describe() const;

  // Gives the host ports back.
  void Close();

  bool empty() const { return ports_.empty(); }
  // Container ports of UDP whose old flows the kernel has to forget.
  std::vector<uint16_t> UdpHostPorts() const;

 private:
  struct Port {
    PortForward forward;  // Its target is the one of `host`'s family, if any.
    bool translated = false;
    uint64_t relay_id = 0;
  };
  void Aim(Port& port, const PortTarget& target) const;

  Relay* relay_ = nullptr;
  std::vector<Port> ports_;
};

}  // namespace tug::netd
