// SPDX-License-Identifier: Apache-2.0
#include "services/netd/ports/published_ports.h"

#include <netinet/in.h>

#include <utility>

#include "lib/base/status_macros.h"

namespace tug::netd {

using netlink::IpAddress;

PublishedPorts::PublishedPorts(PublishedPorts&& other) noexcept
    : relay_(other.relay_), ports_(std::exchange(other.ports_, {})) {}

PublishedPorts& PublishedPorts::operator=(PublishedPorts&& other) noexcept {
  if (this != &other) {
    Close();
    relay_ = other.relay_;
    ports_ = std::exchange(other.ports_, {});
  }
  return *this;
}

void PublishedPorts::Close() {
  for (const Port& port : ports_) relay_->Remove(port.relay_id);
  ports_.clear();
}

void PublishedPorts::Aim(Port& port, const PortTarget& target) const {
  const std::optional<IpAddress>& same =
      port.forward.host.is_v4() ? target.v4 : target.v6;
  const std::optional<IpAddress>& other =
      port.forward.host.is_v4() ? target.v6 : target.v4;
  // The kernel translates neither between families nor from [::1].
  port.translated = same.has_value() && !(port.forward.host.IsLoopback() &&
                                          !port.forward.host.is_v4());
  port.forward.target = same.has_value() ? *same : *other;
}

absl::StatusOr<PublishedPorts> PublishedPorts::Open(
    PortBinder& binder, Relay& relay, const std::vector<PortWish>& wishes,
    const IpAddress& any_host, const PortTarget& target) {
  PublishedPorts result;
  result.relay_ = &relay;
  for (const PortWish& wish : wishes) {
    ASSIGN_OR_RETURN(std::vector<BoundPort> bound, binder.Bind(wish, any_host));
    for (BoundPort& one : bound) {
      Port port;
      port.forward.protocol = one.protocol;
      port.forward.host = one.host;
      port.forward.host_port = one.host_port;
      port.forward.target_port = one.container_port;
      result.Aim(port, target);
      port.relay_id =
          relay.Add(std::move(one.socket), one.protocol,
                    {port.forward.target, port.forward.target_port});
      result.ports_.push_back(port);
    }
  }
  return result;
}

std::vector<Element> PublishedPorts::Elements() const {
  std::vector<Element> elements;
  for (const Port& port : ports_) {
    if (port.translated) elements.push_back(PortElement(port.forward));
  }
  return elements;
}

void PublishedPorts::Retarget(const PortTarget& target) {
  for (Port& port : ports_) {
    Aim(port, target);
    relay_->Retarget(port.relay_id,
                     {port.forward.target, port.forward.target_port});
  }
}

std::vector<network::v1::PublishedPort> PublishedPorts::Describe() const {
  std::vector<network::v1::PublishedPort> described;
  for (const Port& port : ports_) {
    network::v1::PublishedPort& one = described.emplace_back();
    one.set_protocol(ProtocolName(port.forward.protocol));
    one.set_container_port(port.forward.target_port);
    one.set_host_ip(port.forward.host.ToString());
    one.set_host_port(port.forward.host_port);
    one.set_host_port_end(port.forward.host_port);
  }
  return described;
}

std::vector<uint16_t> PublishedPorts::UdpHostPorts() const {
  std::vector<uint16_t> ports;
  for (const Port& port : ports_) {
    if (port.forward.protocol == IPPROTO_UDP) {
      ports.push_back(port.forward.host_port);
    }
  }
  return ports;
}

}  // namespace tug::netd
