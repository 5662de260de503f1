// SPDX-License-Identifier: Apache-2.0
#include "services/netd/networks/ipam_settings.h"

#include <sys/socket.h>

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/netd/addresses/address_allocator.h"

namespace tug::netd {
namespace {

using netlink::IpAddress;
using netlink::IpPrefix;
using network::v1::IpamPool;

// Collects what is wrong with one pool, in words that name the value.
class PoolReader {
 public:
  PoolReader(const IpamPool& pool, std::vector<std::string>& wrong)
      : pool_(pool), wrong_(wrong) {}

  PoolWish Read() {
    ReadSubnet();
    ReadRange();
    if (!pool_.gateway().empty()) {
      wish_.gateway = ReadAddress(absl::StrCat("gateway ", pool_.gateway()),
                                  pool_.gateway());
    }
    // In order of their labels, so that errors have an order.
    const std::map<std::string, std::string> labels(
        pool_.auxiliary_addresses().begin(), pool_.auxiliary_addresses().end());
    for (const auto& [label, text] : labels) {
      const auto address =
          ReadAddress(absl::StrCat("auxiliary address ", label), text);
      if (address.has_value()) wish_.auxiliary.emplace_back(label, *address);
    }
    return std::move(wish_);
  }

 private:
  void Wrong(absl::string_view what, absl::string_view why) {
    wrong_.push_back(absl::StrCat("invalid ", what, ": ", why));
  }

  void ReadSubnet() {
    if (pool_.subnet().empty()) return;
    const auto subnet = IpPrefix::Parse(pool_.subnet());
    if (!subnet.ok()) {
      Wrong(absl::StrCat("subnet ", pool_.subnet()), subnet.status().message());
    } else if (*subnet != subnet->Masked()) {
      Wrong(absl::StrCat("subnet ", pool_.subnet()),
            absl::StrCat("it should be ", subnet->Masked().ToString()));
    } else if (subnet->length > 0) {
      // Docker takes 0.0.0.0/0 and ::/0 for "any".
      wish_.subnet = *subnet;
    }
  }

  std::string Parent() const {
    return wish_.subnet.has_value() ? wish_.subnet->ToString()
                                    : "invalid Prefix";
  }

  void ReadRange() {
    if (pool_.ip_range().empty()) return;
    const std::string what = absl::StrCat("ip-range ", pool_.ip_range());
    const auto range = IpPrefix::Parse(pool_.ip_range());
    if (!range.ok()) {
      Wrong(what, range.status().message());
    } else if (*range != range->Masked()) {
      Wrong(what, absl::StrCat("it should be ", range->Masked().ToString()));
    } else if (!wish_.subnet.has_value() || !wish_.subnet->Contains(*range)) {
      Wrong(what, absl::StrCat("parent subnet ", Parent(),
                               " doesn't contain ip-range"));
    } else {
      wish_.range = *range;
    }
  }

  std::optional<IpAddress> ReadAddress(const std::string& what,
                                       const std::string& text) {
    const auto address = IpAddress::Parse(text);
    if (!address.ok()) {
      Wrong(what, address.status().message());
    } else if (!wish_.subnet.has_value() || !wish_.subnet->Contains(*address)) {
      Wrong(what, absl::StrCat("parent subnet ", Parent(),
                               " doesn't contain this address"));
    } else {
      return *address;
    }
    return std::nullopt;
  }

  const IpamPool& pool_;
  std::vector<std::string>& wrong_;
  PoolWish wish_;
};

absl::Status OptionsInvalid(absl::Status status) {
  return WithReason(std::move(status), "NETWORK_OPTIONS_INVALID");
}

}  // namespace

absl::StatusOr<IpamWish> ReadIpam(const network::v1::Ipam& ipam) {
  std::vector<std::string> wrong;
  std::vector<PoolWish> wishes;
  for (const IpamPool& pool : ipam.pools()) {
    wishes.push_back(PoolReader(pool, wrong).Read());
  }
  if (!wrong.empty()) {
    return OptionsInvalid(absl::InvalidArgumentError(
        absl::StrCat("invalid network config:\n", absl::StrJoin(wrong, "\n"))));
  }
  IpamWish result;
  for (PoolWish& wish : wishes) {
    if (!wish.subnet.has_value()) continue;
    PoolWish& family = wish.subnet->address.is_v4() ? result.v4 : result.v6;
    if (family.subnet.has_value()) {
      return OptionsInvalid(absl::PermissionDeniedError(
          "bridge driver doesn't support multiple subnets"));
    }
    family = std::move(wish);
  }
  return result;
}

IpamPool RecordPool(const PoolWish& wish, const IpPrefix& subnet) {
  IpamPool pool;
  pool.set_subnet(subnet.ToString());
  if (wish.range.has_value()) pool.set_ip_range(wish.range->ToString());
  pool.set_gateway(
      wish.gateway.value_or(DefaultGateway(subnet, wish.range.value_or(subnet)))
          .ToString());
  for (const auto& [label, address] : wish.auxiliary) {
    (*pool.mutable_auxiliary_addresses())[label] = address.ToString();
  }
  return pool;
}

absl::StatusOr<std::vector<AddressBook::Pool>> ReadPools(
    const network::v1::Network& network) {
  std::vector<AddressBook::Pool> pools;
  for (const IpamPool& record : network.ipam().pools()) {
    AddressBook::Pool pool;
    ASSIGN_OR_RETURN(pool.subnet, IpPrefix::Parse(record.subnet()));
    pool.range = pool.subnet;
    if (!record.ip_range().empty()) {
      ASSIGN_OR_RETURN(pool.range, IpPrefix::Parse(record.ip_range()));
    }
    ASSIGN_OR_RETURN(IpAddress gateway, IpAddress::Parse(record.gateway()));
    pool.reserved.push_back(gateway);
    for (const auto& [label, text] : record.auxiliary_addresses()) {
      ASSIGN_OR_RETURN(IpAddress address, IpAddress::Parse(text));
      if (address != gateway) pool.reserved.push_back(address);
    }
    pools.push_back(std::move(pool));
  }
  return pools;
}

std::optional<IpPrefix> GatewayOf(const network::v1::Network& network,
                                  int family) {
  for (const IpamPool& pool : network.ipam().pools()) {
    const auto gateway = IpAddress::Parse(pool.gateway());
    const auto subnet = IpPrefix::Parse(pool.subnet());
    if (!gateway.ok() || !subnet.ok()) continue;
    if (gateway->family() == family) return IpPrefix{*gateway, subnet->length};
  }
  return std::nullopt;
}

}  // namespace tug::netd
