// SPDX-License-Identifier: Apache-2.0
#include "services/netd/networks/network_catalog.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::netd {
namespace {

using network::v1::Network;

constexpr char kKeyPrefix[] = "network/";

std::string KeyOf(absl::string_view id) { return absl::StrCat(kKeyPrefix, id); }

absl::Status Unknown(absl::string_view reference) {
  return WithMetadata(WithReason(absl::NotFoundError(absl::StrCat(
                                     "network ", reference, " not found")),
                                 "NETWORK_UNKNOWN"),
                      "network", reference);
}

// What goes to disk: no endpoints.
Network RecordOf(const Network& network) {
  Network record = network;
  record.clear_endpoints();
  record.clear_leases();
  return record;
}

absl::Status InUse(const Network& network) {
  std::vector<std::string> names;
  for (const auto& [lease, endpoint] : network.endpoints()) {
    names.push_back(absl::StrCat("name:\"", endpoint.name(), "\" id:\"",
                                 endpoint.endpoint_id().substr(0, 12), "\""));
  }
  std::sort(names.begin(), names.end());
  const std::string text = absl::StrJoin(names, ", ");
  return WithMetadata(WithReason(absl::FailedPreconditionError(absl::StrCat(
                                     "network ", network.name(),
                                     " has active endpoints (", text, ")")),
                                 "NETWORK_IN_USE"),
                      "containers", text);
}

}  // namespace

absl::Status NetworkCatalog::Load() {
  std::map<std::string, Entry, std::less<>> entries;
  absl::Status bad;
  RETURN_IF_ERROR(store_.Scan(
      kKeyPrefix, [&](absl::string_view key, absl::string_view value) {
        Entry entry;
        if (!entry.network.ParseFromArray(value.data(),
                                          static_cast<int>(value.size()))) {
          bad = absl::DataLossError(
              absl::StrCat("network record ", key, " is unreadable"));
          return false;
        }
        entry.state = State::kLive;
        entries.emplace(entry.network.id(), std::move(entry));
        return true;
      }));
  RETURN_IF_ERROR(bad);
  absl::MutexLock lock(&mutex_);
  entries_ = std::move(entries);
  return absl::OkStatus();
}

absl::StatusOr<const NetworkCatalog::Entry*> NetworkCatalog::FindEntry(
    absl::string_view reference) const {
  const auto exact = entries_.find(reference);
  if (exact != entries_.end() && exact->second.state == State::kLive) {
    return &exact->second;
  }
  for (const auto& [id, entry] : entries_) {
    if (entry.state == State::kLive && entry.network.name() == reference) {
      return &entry;
    }
  }
  const Entry* match = nullptr;
  if (reference.empty()) return Unknown(reference);
  for (auto at = entries_.lower_bound(reference);
       at != entries_.end() && absl::StartsWith(at->first, reference); ++at) {
    if (at->second.state != State::kLive) continue;
    if (match != nullptr) {
      return WithReason(absl::InvalidArgumentError(
                            absl::StrCat("network ", reference,
                                         " is ambiguous (2 matches found based "
                                         "on ID prefix)")),
                        "NETWORK_AMBIGUOUS");
    }
    match = &at->second;
  }
  if (match == nullptr) return Unknown(reference);
  return match;
}

NetworkCatalog::Entry* NetworkCatalog::FindById(absl::string_view id) {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

absl::StatusOr<Network> NetworkCatalog::Find(
    absl::string_view reference) const {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const Entry* entry, FindEntry(reference));
  return entry->network;
}

std::vector<Network> NetworkCatalog::List() const {
  std::vector<Network> networks;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [id, entry] : entries_) {
      if (entry.state == State::kLive) networks.push_back(entry.network);
    }
  }
  std::sort(
      networks.begin(), networks.end(),
      [](const Network& a, const Network& b) { return a.name() < b.name(); });
  return networks;
}

absl::StatusOr<Network> NetworkCatalog::Begin(absl::string_view name,
                                              Builder build) {
  absl::MutexLock lock(&mutex_);
  if (entries_.size() >= kMaxNetworks) {
    return WithReason(absl::ResourceExhaustedError(absl::StrCat(
                          "there are ", kMaxNetworks, " networks already")),
                      "NETWORKS_EXHAUSTED");
  }
  std::vector<Network> others;
  for (const auto& [id, entry] : entries_) {
    if (entry.network.name() == name) {
      return WithMetadata(
          WithReason(absl::AlreadyExistsError(absl::StrCat(
                         "network with name ", name, " already exists")),
                     "NETWORK_NAME_TAKEN"),
          "name", name);
    }
    others.push_back(entry.network);
  }
  ASSIGN_OR_RETURN(Network network, build(others));
  Entry entry;
  entry.network = network;
  entries_.emplace(network.id(), std::move(entry));
  return network;
}

absl::Status NetworkCatalog::Commit(absl::string_view id,
                                    absl::string_view request_id) {
  Network record;
  {
    absl::MutexLock lock(&mutex_);
    const Entry* const entry = FindById(id);
    if (entry == nullptr) return Unknown(id);
    record = RecordOf(entry->network);
  }
  RETURN_IF_ERROR(store_.Put(KeyOf(id), record.SerializeAsString(),
                             kv::Durability::kSynced));
  absl::MutexLock lock(&mutex_);
  FindById(id)->state = State::kLive;
  if (!request_id.empty()) {
    requests_.Push({std::string(request_id), std::string(id)},
                   request_id.size() + id.size());
  }
  return absl::OkStatus();
}

void NetworkCatalog::Abandon(absl::string_view id) {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(id);
  if (found != entries_.end()) entries_.erase(found);
}

absl::StatusOr<Network> NetworkCatalog::FindByRequest(
    absl::string_view request_id) const {
  absl::MutexLock lock(&mutex_);
  for (size_t i = 0; i < requests_.size(); ++i) {
    const auto& [request, id] = requests_[i];
    if (request != request_id) continue;
    const auto found = entries_.find(id);
    if (found != entries_.end()) return found->second.network;
  }
  return absl::NotFoundError("no such request");
}

absl::StatusOr<Network> NetworkCatalog::BeginRemove(
    absl::string_view reference) {
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const Entry* entry, FindEntry(reference));
  if (entry->network.endpoints_size() > 0) return InUse(entry->network);
  Entry* const mine = FindById(entry->network.id());
  mine->state = State::kRemoving;
  return mine->network;
}

absl::Status NetworkCatalog::FinishRemove(absl::string_view id) {
  RETURN_IF_ERROR(store_.Delete(KeyOf(id), kv::Durability::kSynced));
  Abandon(id);
  return absl::OkStatus();
}

void NetworkCatalog::UndoRemove(absl::string_view id) {
  absl::MutexLock lock(&mutex_);
  Entry* const entry = FindById(id);
  if (entry != nullptr) entry->state = State::kLive;
}

absl::Status NetworkCatalog::PutEndpoint(
    absl::string_view id, absl::string_view lease,
    const network::v1::AttachedEndpoint& endpoint) {
  absl::MutexLock lock(&mutex_);
  Entry* const entry = FindById(id);
  if (entry == nullptr || entry->state != State::kLive) return Unknown(id);
  (*entry->network.mutable_endpoints())[std::string(lease)] = endpoint;
  return absl::OkStatus();
}

void NetworkCatalog::RemoveEndpoint(absl::string_view id,
                                    absl::string_view lease) {
  absl::MutexLock lock(&mutex_);
  Entry* const entry = FindById(id);
  if (entry != nullptr) {
    entry->network.mutable_endpoints()->erase(std::string(lease));
  }
}

}  // namespace tug::netd
