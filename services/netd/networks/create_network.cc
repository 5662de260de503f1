// SPDX-License-Identifier: Apache-2.0
#include "services/netd/networks/create_network.h"

#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/netd/addresses/host_networks.h"
#include "services/netd/networks/ipam_settings.h"
#include "services/netd/networks/network_options.h"
#include "services/netd/networks/predefined.h"

namespace tug::netd {
namespace {

using netlink::IpPrefix;
using network::v1::CreateNetworkRequest;
using network::v1::Network;

absl::Status OptionsInvalid(absl::string_view message) {
  return WithReason(absl::InvalidArgumentError(message),
                    "NETWORK_OPTIONS_INVALID");
}

absl::Status CheckName(const std::string& name) {
  const auto invalid = [](absl::string_view why) {
    return WithReason(
        absl::InvalidArgumentError(absl::StrCat("invalid name: ", why)),
        "NETWORK_NAME_INVALID");
  };
  if (absl::StripAsciiWhitespace(name).empty()) return invalid("name is empty");
  if (name.size() > kMaxNetworkName) return invalid("name is too long");
  if (std::any_of(name.begin(), name.end(), absl::ascii_iscntrl)) {
    return invalid("name has control characters");
  }
  if (!IsPredefined(name)) return absl::OkStatus();
  return WithMetadata(
      WithReason(
          absl::PermissionDeniedError(absl::StrCat(
              "operation is not permitted on predefined ", name, " network ")),
          "NETWORK_PREDEFINED"),
      "name", name);
}

absl::Status CheckDriver(const CreateNetworkRequest& request) {
  const std::string& driver = request.driver();
  if (driver == kHostDriver || driver == kNullDriver) {
    return WithReason(
        absl::PermissionDeniedError(absl::StrCat(
            "only one instance of \"", driver, "\" network is allowed")),
        "NETWORK_PREDEFINED");
  }
  const std::string& ipam = request.ipam().driver();
  std::string unknown;
  if (!driver.empty() && driver != kBridgeDriver) unknown = driver;
  if (!ipam.empty() && ipam != "default") unknown = ipam;
  if (unknown.empty()) return absl::OkStatus();
  return WithMetadata(WithReason(absl::InvalidArgumentError(absl::StrCat(
                                     "plugin \"", unknown, "\" not found")),
                                 "NETWORK_DRIVER_UNKNOWN"),
                      "driver", unknown);
}

absl::Status CheckRequest(const CreateNetworkRequest& request) {
  RETURN_IF_ERROR(CheckName(request.name()));
  if (request.ByteSizeLong() > kMaxNetworkText) {
    return OptionsInvalid("options and labels of the network are too long");
  }
  if (request.ingress()) {
    return OptionsInvalid("Ingress network can only be global scope network");
  }
  RETURN_IF_ERROR(CheckDriver(request));
  const bool has_v4 = !request.has_enable_ipv4() || request.enable_ipv4();
  if (!has_v4 && !request.enable_ipv6() && !request.config_only()) {
    return OptionsInvalid("IPv4 or IPv6 must be enabled");
  }
  return absl::OkStatus();
}

// A config-only network is a record that other networks start from.
absl::StatusOr<CreateNetworkRequest> ApplyConfigFrom(
    const NetworkCatalog& catalog, CreateNetworkRequest request) {
  if (request.config_from().empty()) return request;
  ASSIGN_OR_RETURN(const Network source, catalog.Find(request.config_from()));
  if (!source.config_only()) {
    return OptionsInvalid(absl::StrCat("network ", request.config_from(),
                                       " is not a configuration network"));
  }
  if (request.ipam().pools_size() > 0 || !request.options().empty()) {
    return OptionsInvalid(
        "user specified configurations are not supported if the network "
        "depends on a configuration network");
  }
  request.set_enable_ipv4(source.enable_ipv4());
  request.set_enable_ipv6(source.enable_ipv6());
  *request.mutable_ipam() = source.ipam();
  *request.mutable_options() = source.options();
  request.set_internal(request.internal() || source.internal());
  for (const auto& [key, value] : source.labels()) {
    request.mutable_labels()->insert({key, value});
  }
  return request;
}

Network DescribeNetwork(const CreateNetworkRequest& request) {
  Network network;
  network.set_id(NewId());
  network.set_name(request.name());
  const absl::Time now = absl::Now();
  network.mutable_created()->set_seconds(absl::ToUnixSeconds(now));
  network.mutable_created()->set_nanos(
      static_cast<int32_t>(absl::ToUnixNanos(now) % 1'000'000'000));
  network.set_driver(request.config_only() ? kNullDriver : kBridgeDriver);
  network.set_enable_ipv4(!request.has_enable_ipv4() || request.enable_ipv4());
  network.set_enable_ipv6(request.enable_ipv6());
  network.set_internal(request.internal());
  network.set_attachable(request.attachable());
  network.set_config_only(request.config_only());
  network.set_config_from(request.config_from());
  *network.mutable_options() = request.options();
  *network.mutable_labels() = request.labels();
  network.mutable_ipam()->set_driver("default");
  if (request.ipam().has_options()) {
    *network.mutable_ipam()->mutable_options() = request.ipam().options();
  }
  if (request.config_only()) {
    *network.mutable_ipam()->mutable_pools() = request.ipam().pools();
  }
  return network;
}

// Adds the pools of a network to `pools`.
void AddSubnets(const Network& network, std::vector<IpPrefix>& pools) {
  if (network.config_only()) return;
  for (const auto& pool : network.ipam().pools()) {
    const auto subnet = IpPrefix::Parse(pool.subnet());
    if (subnet.ok()) pools.push_back(*subnet);
  }
}

absl::Status Overlap(absl::string_view message) {
  return WithReason(absl::FailedPreconditionError(message), "POOL_OVERLAP");
}

// Checks a subnet that the user named.
absl::Status CheckSubnet(const IpPrefix& subnet,
                         const std::vector<IpPrefix>& ours,
                         const HostNetworks& host) {
  for (const IpPrefix& other : ours) {
    if (!subnet.Overlaps(other)) continue;
    return Overlap(
        "invalid pool request: Pool overlaps with other one on this address "
        "space");
  }
  for (const IpPrefix& other : host.uplink) {
    if (!subnet.Overlaps(other)) continue;
    return Overlap(absl::StrCat("invalid pool request: ", subnet.ToString(),
                                " overlaps ", other.ToString(),
                                ", by which this host reaches the outside"));
  }
  return absl::OkStatus();
}

class NetworkBuilder {
 public:
  NetworkBuilder(const NetworkOwner& owner, const IpamWish& wish,
                 const HostNetworks& host, Network network)
      : owner_(owner), wish_(wish), host_(host), network_(std::move(network)) {}

  absl::StatusOr<Network> Build(const std::vector<Network>& others) {
    if (network_.config_only()) return network_;
    ASSIGN_OR_RETURN(const BridgeOptions mine, ParseBridgeOptions(network_));
    for (const Network& other : others) {
      AddSubnets(other, ours_);
      RETURN_IF_ERROR(CheckBridgeName(mine.bridge_name, other));
    }
    if (network_.enable_ipv4()) RETURN_IF_ERROR(AddPool(AF_INET, wish_.v4));
    if (network_.enable_ipv6()) RETURN_IF_ERROR(AddPool(AF_INET6, wish_.v6));
    return network_;
  }

 private:
  absl::Status CheckBridgeName(const std::string& name, const Network& other) {
    if (other.driver() != kBridgeDriver) return absl::OkStatus();
    const auto theirs = ParseBridgeOptions(other);
    if (!theirs.ok() || theirs->bridge_name != name) return absl::OkStatus();
    return WithReason(absl::PermissionDeniedError(absl::StrCat(
                          "cannot create network ", network_.id(), " (", name,
                          "): conflicts with network ", other.id(), " (", name,
                          "): networks have same bridge name")),
                      "NETWORK_OPTIONS_INVALID");
  }

  absl::Status AddPool(int family, const PoolWish& wish) {
    IpPrefix subnet;
    if (wish.subnet.has_value()) {
      subnet = *wish.subnet;
      RETURN_IF_ERROR(CheckSubnet(subnet, ours_, host_));
    } else {
      std::vector<IpPrefix> taken = ours_;
      taken.insert(taken.end(), host_.all.begin(), host_.all.end());
      ASSIGN_OR_RETURN(subnet, ChooseSubnet(owner_.pools, family, taken));
    }
    *network_.mutable_ipam()->add_pools() = RecordPool(wish, subnet);
    return absl::OkStatus();
  }

  const NetworkOwner& owner_;
  const IpamWish& wish_;
  const HostNetworks& host_;
  Network network_;
  std::vector<IpPrefix> ours_;
};

void PublishCreate(EventBus& events, const Network& network) {
  event::v1::Event event;
  event.set_type("network");
  event.set_action("create");
  event.set_actor_id(network.id());
  (*event.mutable_attributes())["name"] = network.name();
  (*event.mutable_attributes())["type"] = network.driver();
  events.Publish(std::move(event));
}

// The default bridge is made in any case: its containers reach each other and
// the host.
absl::Status PrepareHost(NetworkOwner& owner, const Network& network) {
  const absl::Status forwarding = EnsureForwarding(owner, network);
  if (!IsPredefined(network.name())) return forwarding;
  LogIfError(forwarding, "containers do not reach the outside");
  return absl::OkStatus();
}

absl::StatusOr<Network> MakeNetwork(NetworkOwner& owner, Network description,
                                    const IpamWish& wish,
                                    absl::string_view request_id) {
  ASSIGN_OR_RETURN(const HostNetworks host, ReadHostNetworks());
  const std::string name = description.name();
  NetworkBuilder builder(owner, wish, host, std::move(description));
  ASSIGN_OR_RETURN(
      const Network network,
      owner.catalog.Begin(name, [&](const std::vector<Network>& others) {
        return builder.Build(others);
      }));
  absl::Cleanup undo = [&] {
    owner.addresses.RemoveNetwork(network.id());
    owner.catalog.Abandon(network.id());
  };
  if (network.driver() == kBridgeDriver) {
    ASSIGN_OR_RETURN(const auto pools, ReadPools(network));
    absl::Status opened = owner.addresses.AddNetwork(network.id(), pools);
    if (!opened.ok()) return OptionsInvalid(opened.message());
    RETURN_IF_ERROR(PrepareHost(owner, network));
    absl::Status made = owner.bridges.Create(network);
    if (made.ok()) {
      made = owner.catalog.Commit(network.id(), request_id);
    }
    if (!made.ok()) {
      LogIfError(owner.bridges.Remove(network), "undo of network create");
      return Annotate(made, absl::StrCat("create network ", network.name()));
    }
  } else {
    RETURN_IF_ERROR(owner.catalog.Commit(network.id(), request_id));
  }
  std::move(undo).Cancel();
  PublishCreate(owner.events, network);
  return network;
}

// Containers may be on it, so the bridge's name is settled when it is made.
void WarnOfOtherBridgeName(const Network& network, const std::string& wanted) {
  const auto options = ParseBridgeOptions(network);
  if (!options.ok() || options->bridge_name == wanted) return;
  LogWarning(
      "bridge-name is not applied: the network bridge keeps the name that it "
      "was made with; set bridge-name to that",
      {{"bridge", options->bridge_name}, {"bridge-name", wanted}});
}

absl::Status CreatePredefined(NetworkOwner& owner, absl::string_view name,
                              absl::string_view driver) {
  if (const auto found = owner.catalog.Find(name); found.ok()) {
    if (driver == kBridgeDriver) {
      WarnOfOtherBridgeName(*found, owner.bridge_name);
    }
    return absl::OkStatus();
  }
  CreateNetworkRequest request;
  request.set_name(std::string(name));
  Network network = DescribeNetwork(request);
  network.set_driver(std::string(driver));
  if (driver == kBridgeDriver) {
    auto& options = *network.mutable_options();
    options["com.docker.network.bridge.default_bridge"] = "true";
    options["com.docker.network.bridge.enable_icc"] = "true";
    options["com.docker.network.bridge.enable_ip_masquerade"] = "true";
    options["com.docker.network.bridge.host_binding_ipv4"] = "0.0.0.0";
    options[kBridgeNameOption] = owner.bridge_name;
    options["com.docker.network.driver.mtu"] = "1500";
    return MakeNetwork(owner, std::move(network), {}, "").status();
  }
  ASSIGN_OR_RETURN(
      network,
      owner.catalog.Begin(name, [&](const auto&) -> absl::StatusOr<Network> {
        return network;
      }));
  return owner.catalog.Commit(network.id(), "");
}

}  // namespace

absl::StatusOr<Network> CreateNetwork(NetworkOwner& owner,
                                      const CreateNetworkRequest& asked) {
  if (!asked.request_id().empty()) {
    const auto before = owner.catalog.FindByRequest(asked.request_id());
    if (before.ok()) return *before;
  }
  RETURN_IF_ERROR(CheckRequest(asked));
  ASSIGN_OR_RETURN(const CreateNetworkRequest request,
                   ApplyConfigFrom(owner.catalog, asked));
  ASSIGN_OR_RETURN(const IpamWish wish, ReadIpam(request.ipam()));
  return MakeNetwork(owner, DescribeNetwork(request), wish,
                     request.request_id());
}

absl::Status EnsureForwarding(NetworkOwner& owner, const Network& network) {
  if (network.driver() != kBridgeDriver || network.internal()) {
    return absl::OkStatus();
  }
  if (network.enable_ipv4()) RETURN_IF_ERROR(owner.forwarding.Ensure(AF_INET));
  if (network.enable_ipv6()) RETURN_IF_ERROR(owner.forwarding.Ensure(AF_INET6));
  return absl::OkStatus();
}

absl::Status CreatePredefinedNetworks(NetworkOwner& owner) {
  RETURN_IF_ERROR(CreatePredefined(owner, kDefaultBridge, kBridgeDriver));
  RETURN_IF_ERROR(CreatePredefined(owner, kHostNetwork, kHostDriver));
  return CreatePredefined(owner, kNoneNetwork, kNullDriver);
}

}  // namespace tug::netd
