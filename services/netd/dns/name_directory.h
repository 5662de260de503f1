// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "lib/netlink/ip.h"

namespace tug::netd {

// The names of the endpoints on all networks where names are resolved.
//
// Thread-safe.
class NameDirectory {
 public:
  struct Addresses {
    std::optional<netlink::IpAddress> v4;
    std::optional<netlink::IpAddress> v6;
  };

  // Replaces what `lease` is called on the network. The first name is the one
  // that an address resolves to. Names are compared without case.
  void Put(absl::string_view network_id, absl::string_view lease,
           const std::vector<std::string>& names, const Addresses& addresses);
  void Remove(absl::string_view network_id, absl::string_view lease);

  // Who has this name on the network, in order of lease.
  std::vector<Addresses> Find(absl::string_view network_id,
                              absl::string_view name) const;
  // The first name of who has the address; empty if nobody.
  std::string FindName(absl::string_view network_id,
                       const netlink::IpAddress& address) const;

 private:
  struct Entry {
    std::vector<std::string> names;
    Addresses addresses;
  };
  struct Network {
    std::map<std::string, Entry, std::less<>> by_lease;
    // Lower-case name and leases.
    std::map<std::string, std::vector<std::string>, std::less<>> by_name;
    std::map<netlink::IpAddress, std::string> by_address;
  };
  static void RemoveFrom(Network& network, absl::string_view lease);

  mutable absl::Mutex mutex_;
  std::map<std::string, Network, std::less<>> networks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::netd
