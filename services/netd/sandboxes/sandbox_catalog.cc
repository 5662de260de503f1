// SPDX-License-Identifier: Apache-2.0
#include "services/netd/sandboxes/sandbox_catalog.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::netd {
namespace {

using network::v1::Sandbox;

constexpr char kKeyPrefix[] = "sandbox/";

std::string KeyOf(absl::string_view lease) {
  return absl::StrCat(kKeyPrefix, lease);
}

absl::Status Unknown(absl::string_view lease) {
  return WithMetadata(WithReason(absl::NotFoundError(absl::StrCat(
                                     "no sandbox of container ", lease)),
                                 "LEASE_UNKNOWN"),
                      "lease", lease);
}

}  // namespace

absl::Status SandboxCatalog::Load() {
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> entries;
  absl::Status bad;
  RETURN_IF_ERROR(store_.Scan(
      kKeyPrefix, [&](absl::string_view key, absl::string_view value) {
        auto entry = std::make_unique<Entry>();
        if (!entry->view.ParseFromArray(value.data(),
                                        static_cast<int>(value.size()))) {
          bad = absl::DataLossError(
              absl::StrCat("sandbox record ", key, " is unreadable"));
          return false;
        }
        entry->claimed = false;
        entry->published = true;
        std::string lease = entry->view.lease();
        entries.emplace(std::move(lease), std::move(entry));
        return true;
      }));
  RETURN_IF_ERROR(bad);
  absl::MutexLock lock(&mutex_);
  entries_ = std::move(entries);
  return absl::OkStatus();
}

absl::StatusOr<Sandbox> SandboxCatalog::Find(absl::string_view lease) const {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(lease);
  if (found == entries_.end() || !found->second->published) {
    return Unknown(lease);
  }
  return found->second->view;
}

void SandboxCatalog::List(absl::string_view after,
                          absl::FunctionRef<bool(const Sandbox&)> visit) const {
  absl::MutexLock lock(&mutex_);
  for (auto at = entries_.upper_bound(after); at != entries_.end(); ++at) {
    if (at->second->published && !visit(at->second->view)) return;
  }
}

std::map<std::string, std::vector<std::string>>
SandboxCatalog::LeasesByNetwork() const {
  absl::MutexLock lock(&mutex_);
  std::map<std::string, std::vector<std::string>> leases;
  for (const auto& [lease, entry] : entries_) {
    if (!entry->published) continue;
    for (const auto& endpoint : entry->view.endpoints()) {
      leases[endpoint.network_id()].push_back(lease);
    }
  }
  return leases;
}

std::vector<std::string> SandboxCatalog::LinkedTo(
    absl::string_view lease) const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> linked;
  for (const auto& [other, entry] : entries_) {
    if (!entry->published || !entry->view.attached()) continue;
    for (const auto& link : entry->view.links()) {
      if (link.lease() == lease) {
        linked.push_back(other);
        break;
      }
    }
  }
  return linked;
}

absl::StatusOr<SandboxClaim> SandboxCatalog::ClaimEntry(absl::string_view lease,
                                                        bool make) {
  absl::MutexLock lock(&mutex_);
  const auto free = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = entries_.find(lease);
    return found == entries_.end() || !found->second->claimed;
  };
  if (!mutex_.AwaitWithTimeout(absl::Condition(&free), kPatience)) {
    return WithReason(absl::AbortedError(absl::StrCat(
                          "another operation on the sandbox of container ",
                          lease, " does not end")),
                      "SANDBOX_BUSY");
  }
  auto found = entries_.find(lease);
  const bool is_new = found == entries_.end();
  if (is_new && !make) return Unknown(lease);
  if (is_new && entries_.size() >= kMaxSandboxes) {
    return WithReason(absl::ResourceExhaustedError(absl::StrCat(
                          "there are ", kMaxSandboxes, " sandboxes already")),
                      "SANDBOXES_EXHAUSTED");
  }
  if (is_new) {
    found =
        entries_.emplace(std::string(lease), std::make_unique<Entry>()).first;
  }
  found->second->claimed = true;
  SandboxClaim claim(*this, std::string(lease), found->second.get(), is_new);
  claim.sandbox() = found->second->view;
  return claim;
}

absl::StatusOr<SandboxClaim> SandboxCatalog::Claim(absl::string_view lease) {
  return ClaimEntry(lease, false);
}

absl::StatusOr<SandboxClaim> SandboxCatalog::ClaimOrMake(
    absl::string_view lease) {
  return ClaimEntry(lease, true);
}

void SandboxCatalog::Release(const std::string& lease) {
  // What an unpublished entry still holds ends outside of the lock.
  std::unique_ptr<Entry> gone;
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(lease);
  if (found == entries_.end()) return;
  found->second->claimed = false;
  if (!found->second->published) {
    gone = std::move(found->second);
    entries_.erase(found);
  }
}

SandboxClaim::SandboxClaim(SandboxClaim&& other) noexcept
    : catalog_(std::exchange(other.catalog_, nullptr)),
      lease_(std::move(other.lease_)),
      entry_(other.entry_),
      sandbox_(std::move(other.sandbox_)),
      is_new_(other.is_new_) {}

SandboxClaim::~SandboxClaim() {
  if (catalog_ != nullptr) catalog_->Release(lease_);
}

void SandboxClaim::Publish() {
  absl::MutexLock lock(&catalog_->mutex_);
  entry_->view = sandbox_;
  entry_->published = true;
}

absl::Status SandboxClaim::Save() const {
  Sandbox record = sandbox_;
  ClearDescription(record);
  return catalog_->store_.Put(KeyOf(lease_), record.SerializeAsString(),
                              kv::Durability::kUnsynced);
}

absl::Status SandboxClaim::Erase() {
  RETURN_IF_ERROR(
      catalog_->store_.Delete(KeyOf(lease_), kv::Durability::kUnsynced));
  absl::MutexLock lock(&catalog_->mutex_);
  entry_->published = false;
  return absl::OkStatus();
}

}  // namespace tug::netd
