// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "lib/netlink/socket.h"
#include "services/netd/firewall/element.h"

namespace tug::netd {

// The table in the kernel. Rules are put in place once; after that only
// elements change, each call as one transaction whose cost does not depend on
// what is there already.
//
// Thread-safe.
class Firewall {
 public:
  // Makes the table of the network namespace of the calling thread, or puts
  // right what is there; elements stay. INVALID_ARGUMENT for a name that
  // nftables would not take.
  static absl::StatusOr<std::unique_ptr<Firewall>> Open(
      const std::string& table);

  // Removes and adds elements; an element may be removed and added with other
  // data at once. Fails as a whole, also when one to be removed is not there.
  absl::Status Change(const std::vector<Element>& remove,
                      const std::vector<Element>& add) const;

  // Makes the elements exactly `wanted`, touching only what differs.
  absl::Status Reconcile(const std::set<Element>& wanted) const;

  const std::string& table() const { return table_; }

 private:
  // Sockets kept for later; more are closed.
  static constexpr size_t kMaxIdleSockets = 16;

  explicit Firewall(std::string table) : table_(std::move(table)) {}
  absl::StatusOr<netlink::Socket> TakeSocket() const;
  void KeepSocket(netlink::Socket socket) const;

  const std::string table_;
  mutable absl::Mutex mutex_;
  // To close one waits until the kernel has freed what was removed through it,
  // which takes 10 ms.
  mutable std::deque<netlink::Socket> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::netd
