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
#include "services/netd/firewall/forward_guards.h"

namespace tug::netd {

// The table in the kernel. Rules are put in place once; after that only
// elements change, each call as one transaction whose cost does not depend on
// what is there already.
//
// A firewall of the host's own begins its reload with "flush ruleset" as often
// as not, which takes our table away too, and may put back one that it has
// saved a week ago: one without a bridge of today, and with a port that leads
// to a stranger now. So the elements are remembered here, and the table is put
// right by difference, whether it is there or not: by Restore, which whoever
// watches the ruleset calls (RulesetWatch), and by a Change that fails.
//
// Thread-safe.
class Firewall {
 public:
  // Makes the table of the network namespace of the calling thread, or puts
  // right what is there; elements stay. INVALID_ARGUMENT for a name that
  // nftables would not take.
  static absl::StatusOr<std::unique_ptr<Firewall>> Open(
      const std::string& table, const ForwardGuards& guards = {});

  // Removes and adds elements; an element may be removed and added with other
  // data at once. Fails as a whole, also when one to be removed is not there.
  absl::Status Change(const std::vector<Element>& remove,
                      const std::vector<Element>& add) const;

  // Makes the elements exactly `wanted`, touching only what differs. Until the
  // first call, elements of an earlier run stay.
  absl::Status Reconcile(const std::set<Element>& wanted) const;

  // From now on drops what the host forwards in this family, except from and
  // to our bridges and what comes in by the interfaces in `routed_before`.
  absl::Status Guard(int family, const std::vector<std::string>& routed_before);

  // Makes the rules again and the elements what they were here, whatever
  // somebody else has left of the table or put in its place.
  absl::Status Restore() const;

  const std::string& table() const { return table_; }

 private:
  // Sockets kept for later; more are closed.
  static constexpr size_t kMaxIdleSockets = 16;

  Firewall(std::string table, ForwardGuards guards)
      : table_(std::move(table)), guards_(std::move(guards)) {}
  absl::Status TryChange(const std::vector<Element>& remove,
                         const std::vector<Element>& add) const
      ABSL_SHARED_LOCKS_REQUIRED(table_mutex_);
  // Whether any element was not as it should be.
  absl::StatusOr<bool> RestoreLocked() const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(table_mutex_);
  // Makes the stored elements `target`; whether there was a difference.
  absl::StatusOr<bool> RemoveDifference(const std::set<Element>& target) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(table_mutex_);
  // Elements that follow from the guards.
  std::set<Element> GuardElements() const
      ABSL_SHARED_LOCKS_REQUIRED(table_mutex_);
  void Remember(const std::vector<Element>& remove,
                const std::vector<Element>& add) const;
  absl::StatusOr<netlink::Socket> TakeSocket() const;
  void KeepSocket(netlink::Socket socket) const;

  const std::string table_;
  // Shared while elements change, which the kernel puts in a row by itself;
  // exclusive while the table is made. Locked before `mutex_`.
  mutable absl::Mutex table_mutex_;
  ForwardGuards guards_ ABSL_GUARDED_BY(table_mutex_);
  mutable absl::Mutex mutex_;
  // What the table holds.
  mutable std::set<Element> elements_ ABSL_GUARDED_BY(mutex_);
  // Whether `elements_` is all that the table should hold: since Reconcile.
  mutable bool is_complete_ ABSL_GUARDED_BY(mutex_) = false;
  // To close one waits until the kernel has freed what was removed through it,
  // which takes 10 ms.
  mutable std::deque<netlink::Socket> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::netd
