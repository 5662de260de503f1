// SPDX-License-Identifier: Apache-2.0
#include "services/netd/addresses/address_allocator.h"

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace tug::netd {
namespace {

using netlink::IpAddress;
using netlink::IpPrefix;

// Point-to-point subnets (RFC 3021, RFC 6164) have no special addresses.
bool HasSpecialAddresses(const IpPrefix& subnet) {
  return subnet.length < subnet.address.bits() - 1;
}

bool IsSpecialIn(const IpPrefix& subnet, absl::uint128 number) {
  if (!HasSpecialAddresses(subnet)) return false;
  if (number == subnet.Masked().address.number()) return true;
  return subnet.address.is_v4() && number == subnet.Last().number();
}

}  // namespace

AddressAllocator::AddressAllocator(const IpPrefix& subnet,
                                   const IpPrefix& range)
    : subnet_(subnet.Masked()),
      first_(range.Masked().address.number()),
      last_(range.Last().number()),
      cursor_(first_) {}

bool AddressAllocator::IsSpecial(absl::uint128 number) const {
  return IsSpecialIn(subnet_, number);
}

absl::StatusOr<IpAddress> AddressAllocator::Allocate() {
  // Each step either ends or passes a used address, and the two special ones.
  absl::uint128 candidate = cursor_;
  for (size_t step = 0; step <= used_.size() + 2; ++step) {
    if (!IsSpecial(candidate) && used_.insert(candidate).second) {
      cursor_ = candidate == last_ ? first_ : candidate + 1;
      return IpAddress::FromNumber(subnet_.address.family(), candidate);
    }
    candidate = candidate == last_ ? first_ : candidate + 1;
  }
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "no available IPv", subnet_.address.is_v4() ? 4 : 6,
          " addresses on this network's address pools: ", subnet_.ToString())),
      "POOL_EXHAUSTED");
}

absl::Status AddressAllocator::Take(const IpAddress& address) {
  if (!subnet_.Contains(address) || IsSpecial(address.number())) {
    return WithReason(absl::InvalidArgumentError(absl::StrCat(
                          "no host of ", subnet_.ToString(),
                          " can have the address ", address.ToString())),
                      "ENDPOINT_INVALID");
  }
  if (!used_.insert(address.number()).second) {
    return WithMetadata(
        WithReason(absl::FailedPreconditionError(absl::StrCat(
                       "address ", address.ToString(), " already in use")),
                   "ADDRESS_TAKEN"),
        "address", address.ToString());
  }
  return absl::OkStatus();
}

void AddressAllocator::Release(const IpAddress& address) {
  used_.erase(address.number());
}

IpAddress DefaultGateway(const IpPrefix& subnet, const IpPrefix& range) {
  absl::uint128 number = range.Masked().address.number();
  if (IsSpecialIn(subnet, number)) ++number;
  return IpAddress::FromNumber(subnet.address.family(), number);
}

}  // namespace tug::netd
