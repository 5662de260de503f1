// SPDX-License-Identifier: Apache-2.0
#include "services/netd/addresses/address_book.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::netd {

using netlink::IpAddress;
using netlink::IpPrefix;

absl::Status AddressBook::AddNetwork(absl::string_view network_id,
                                     const std::vector<Pool>& pools) {
  std::map<int, AddressAllocator> allocators;
  for (const Pool& pool : pools) {
    AddressAllocator allocator(pool.subnet, pool.range);
    for (const IpAddress& address : pool.reserved) {
      RETURN_IF_ERROR(allocator.Take(address));
    }
    allocators.emplace(pool.subnet.address.family(), std::move(allocator));
  }
  absl::MutexLock lock(&mutex_);
  networks_.insert_or_assign(std::string(network_id), std::move(allocators));
  return absl::OkStatus();
}

void AddressBook::RemoveNetwork(absl::string_view network_id) {
  absl::MutexLock lock(&mutex_);
  const auto found = networks_.find(network_id);
  if (found != networks_.end()) networks_.erase(found);
}

absl::StatusOr<IpPrefix> AddressBook::Allocate(absl::string_view network_id,
                                               int family,
                                               const IpAddress* wanted) {
  absl::MutexLock lock(&mutex_);
  const auto network = networks_.find(network_id);
  if (network == networks_.end()) {
    return WithReason(
        absl::NotFoundError(absl::StrCat("network ", network_id, " not found")),
        "NETWORK_UNKNOWN");
  }
  const auto pool = network->second.find(family);
  if (pool == network->second.end()) {
    return WithReason(absl::InvalidArgumentError(
                          "the network has no subnet of this address family"),
                      "ENDPOINT_INVALID");
  }
  AddressAllocator& allocator = pool->second;
  const int length = allocator.subnet().length;
  if (wanted != nullptr) {
    RETURN_IF_ERROR(allocator.Take(*wanted));
    return IpPrefix{*wanted, length};
  }
  ASSIGN_OR_RETURN(const IpAddress address, allocator.Allocate());
  return IpPrefix{address, length};
}

void AddressBook::Release(absl::string_view network_id,
                          const IpAddress& address) {
  absl::MutexLock lock(&mutex_);
  const auto network = networks_.find(network_id);
  if (network == networks_.end()) return;
  const auto pool = network->second.find(address.family());
  if (pool != network->second.end()) pool->second.Release(address);
}

}  // namespace tug::netd
