// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "lib/base/byte_budget.h"
#include "lib/kv/key_value_store.h"
#include "lib/netlink/ip.h"
#include "proto/tug/network/v1/network.pb.h"

namespace tug::netd {

// Every network, by id: the record, which is on disk and changes at create and
// remove only, and the endpoints, which are in memory.
//
// A network that is being made holds its name and subnets but is not yet seen
// by others; one that is being removed is no longer seen.
//
// Thread-safe. Reads never wait for the disk.
class NetworkCatalog {
 public:
  // Request ids remembered; callers size them.
  static constexpr Bounds kRequests = {.count = 1024, .bytes = 1 << 20};
  // Most networks of one host.
  static constexpr size_t kMaxNetworks = 4096;

  explicit NetworkCatalog(kv::KeyValueStore& store) : store_(store) {}

  // Reads the records; once, before anything else.
  absl::Status Load();

  // By id, name, or unique prefix of an id. NOT_FOUND (NETWORK_UNKNOWN),
  // INVALID_ARGUMENT (NETWORK_AMBIGUOUS).
  absl::StatusOr<network::v1::Network> Find(absl::string_view reference) const;
  // By name.
  std::vector<network::v1::Network> List() const;

  // Makes a record from the subnets and bridge names that are in use. It must
  // not block.
  using Builder = absl::FunctionRef<absl::StatusOr<network::v1::Network>(
      const std::vector<network::v1::Network>& others)>;
  // Reserves what `build` answers. ALREADY_EXISTS (NETWORK_NAME_TAKEN),
  // RESOURCE_EXHAUSTED (NETWORKS_EXHAUSTED), or the builder's own.
  absl::StatusOr<network::v1::Network> Begin(absl::string_view name,
                                             Builder build);
  // Writes the record with fsync and shows the network.
  absl::Status Commit(absl::string_view id, absl::string_view request_id);
  void Abandon(absl::string_view id);

  // The network that this request made before; NOT_FOUND if none.
  absl::StatusOr<network::v1::Network> FindByRequest(
      absl::string_view request_id) const;

  // Hides the network. FAILED_PRECONDITION (NETWORK_IN_USE) while it has
  // endpoints.
  absl::StatusOr<network::v1::Network> BeginRemove(absl::string_view reference);
  // Deletes the record with fsync.
  absl::Status FinishRemove(absl::string_view id);
  // Shows it again, after a failed removal.
  void UndoRemove(absl::string_view id);

  // Shows an endpoint, and keeps the network from being removed.
  // NOT_FOUND (NETWORK_UNKNOWN).
  absl::Status PutEndpoint(absl::string_view id, absl::string_view lease,
                           const network::v1::AttachedEndpoint& endpoint);
  void RemoveEndpoint(absl::string_view id, absl::string_view lease);

 private:
  enum class State { kCreating, kLive, kRemoving };
  struct Entry {
    network::v1::Network network;
    State state = State::kCreating;
  };
  absl::StatusOr<const Entry*> FindEntry(absl::string_view reference) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Entry* FindById(absl::string_view id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  kv::KeyValueStore& store_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_ ABSL_GUARDED_BY(mutex_);
  // Request id and network id, oldest first.
  ByteRing<std::pair<std::string, std::string>> requests_
      ABSL_GUARDED_BY(mutex_){kRequests};
};

}  // namespace tug::netd
