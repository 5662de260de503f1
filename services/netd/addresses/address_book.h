// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "lib/netlink/ip.h"
#include "services/netd/addresses/address_allocator.h"

namespace tug::netd {

// The addresses in use on all networks.
//
// Thread-safe.
class AddressBook {
 public:
  struct Pool {
    netlink::IpPrefix subnet;
    netlink::IpPrefix range;
    // Gateway and auxiliary addresses.
    std::vector<netlink::IpAddress> reserved;
  };

  // Opens the pools of a network, one a family at most. Fails like
  // AddressAllocator::Take when a reserved address does not fit.
  absl::Status AddNetwork(absl::string_view network_id,
                          const std::vector<Pool>& pools);
  void RemoveNetwork(absl::string_view network_id);

  // An address of this family; `wanted` may be null for any.
  // FAILED_PRECONDITION (POOL_EXHAUSTED | ADDRESS_TAKEN), INVALID_ARGUMENT
  // (ENDPOINT_INVALID), NOT_FOUND (NETWORK_UNKNOWN).
  absl::StatusOr<netlink::IpPrefix> Allocate(absl::string_view network_id,
                                             int family,
                                             const netlink::IpAddress* wanted);
  void Release(absl::string_view network_id, const netlink::IpAddress& address);

 private:
  absl::Mutex mutex_;
  std::map<std::string, std::map<int, AddressAllocator>, std::less<>> networks_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::netd
