// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/sys/unique_fd.h"
#include "services/runtimed/shims/shim_connection.h"

namespace tug::runtimed {

// The live side of a running container: what dies with its process. Never
// stored; the record and the lock are other types.
//
// Immutable once in the table; shared_ptr because calls use it while the exit
// takes it out.
struct LiveContainer {
  std::string id;
  std::shared_ptr<ShimConnection> shim;
  int shim_pid = 0;
  UniqueFd shim_pidfd;
  // First process on the host.
  int pid = 0;
  std::string cgroup_path;
  // Which start this is, so that late news of an earlier one are recognised.
  int64_t start_number = 0;
  absl::Time started;
};

// Thread-safe.
class LiveTable {
 public:
  void Put(std::shared_ptr<const LiveContainer> live);
  // Null if the container does not run. Of a container that is still being
  // looked for after a restart of the service, waits for the result.
  std::shared_ptr<const LiveContainer> Find(absl::string_view id) const;

  // From now on Find waits for a Put or ExpectNoMore of this container.
  void Expect(absl::string_view id);
  // It will not come.
  void ExpectNoMore(absl::string_view id);
  // Takes it out if it is that start's.
  void Erase(absl::string_view id, int64_t start_number);
  std::vector<std::shared_ptr<const LiveContainer>> All() const;

  // The network namespace of a container, kept from its first start until it
  // has ended for good: a restart by policy uses it again.
  void KeepNetwork(absl::string_view id, UniqueFd fd);
  // A copy; invalid if none is kept.
  UniqueFd CopyNetwork(absl::string_view id) const;
  void DropNetwork(absl::string_view id);

 private:
  // Connecting to a shim takes well below a millisecond.
  static constexpr absl::Duration kLongestWait = absl::Seconds(10);

  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<const LiveContainer>> live_
      ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<std::string> expected_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, UniqueFd> networks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::runtimed
