// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/name_directory.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace tug::netd {

using netlink::IpAddress;

void NameDirectory::RemoveFrom(Network& network, absl::string_view lease) {
  const auto found = network.by_lease.find(lease);
  if (found == network.by_lease.end()) return;
  const Entry& entry = found->second;
  for (const std::string& name : entry.names) {
    const auto leases = network.by_name.find(absl::AsciiStrToLower(name));
    if (leases == network.by_name.end()) continue;
    auto& list = leases->second;
    list.erase(std::remove(list.begin(), list.end(), lease), list.end());
    if (list.empty()) network.by_name.erase(leases);
  }
  for (const auto& address : {entry.addresses.v4, entry.addresses.v6}) {
    if (address.has_value()) network.by_address.erase(*address);
  }
  network.by_lease.erase(found);
}

void NameDirectory::Put(absl::string_view network_id, absl::string_view lease,
                        const std::vector<std::string>& names,
                        const Addresses& addresses) {
  absl::MutexLock lock(&mutex_);
  Network& network = networks_[std::string(network_id)];
  RemoveFrom(network, lease);
  for (const std::string& name : names) {
    auto& leases = network.by_name[absl::AsciiStrToLower(name)];
    if (std::count(leases.begin(), leases.end(), lease) == 0) {
      leases.emplace_back(lease);
      std::sort(leases.begin(), leases.end());
    }
  }
  for (const auto& address : {addresses.v4, addresses.v6}) {
    if (address.has_value()) network.by_address[*address] = std::string(lease);
  }
  network.by_lease[std::string(lease)] = {names, addresses};
}

void NameDirectory::Remove(absl::string_view network_id,
                           absl::string_view lease) {
  absl::MutexLock lock(&mutex_);
  const auto network = networks_.find(network_id);
  if (network == networks_.end()) return;
  RemoveFrom(network->second, lease);
  if (network->second.by_lease.empty()) networks_.erase(network);
}

std::vector<NameDirectory::Addresses> NameDirectory::Find(
    absl::string_view network_id, absl::string_view name) const {
  absl::MutexLock lock(&mutex_);
  std::vector<Addresses> result;
  const auto network = networks_.find(network_id);
  if (network == networks_.end()) return result;
  const auto leases = network->second.by_name.find(absl::AsciiStrToLower(name));
  if (leases == network->second.by_name.end()) return result;
  for (const std::string& lease : leases->second) {
    result.push_back(network->second.by_lease.find(lease)->second.addresses);
  }
  return result;
}

std::string NameDirectory::FindName(absl::string_view network_id,
                                    const IpAddress& address) const {
  absl::MutexLock lock(&mutex_);
  const auto network = networks_.find(network_id);
  if (network == networks_.end()) return "";
  const auto lease = network->second.by_address.find(address);
  if (lease == network->second.by_address.end()) return "";
  const auto& names =
      network->second.by_lease.find(lease->second)->second.names;
  return names.empty() ? "" : names.front();
}

}  // namespace tug::netd
