// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/sys/unique_fd.h"

namespace tug::runtimed {

// Starts shims, each from a sealed copy of their program that is its own
// (sealed_program.h), on a thread that sits in the shims' own cgroup: a child
// begins in the cgroup of the thread that makes it, so no pid has to be moved.
// The copy for the next start is made after a start, while nobody waits.
//
// Thread-safe.
class ShimSpawner {
 public:
  struct Spawned {
    int pid = 0;
    UniqueFd pidfd;
    // Our end of the control socket.
    UniqueFd control;
  };

  // `tasks_files` are the `tasks` of the shims' cgroup on v1; empty on v2,
  // where shims stay beside the daemons.
  static absl::StatusOr<std::unique_ptr<ShimSpawner>> Make(
      const std::string& program, std::vector<std::string> tasks_files);
  ~ShimSpawner();

  // `plan` and `namespaces` become the shim's descriptors 4, 5, ...; borrowed.
  absl::StatusOr<Spawned> Spawn(int plan, const std::vector<int>& namespaces);

 private:
  struct Request {
    int plan;
    const std::vector<int>* namespaces;
    absl::StatusOr<Spawned> result;
    bool done = false;
  };
  ShimSpawner(UniqueFd program, std::vector<std::string> tasks_files);
  void Run();
  absl::StatusOr<Spawned> SpawnHere(int plan,
                                    const std::vector<int>& namespaces);
  absl::StatusOr<UniqueFd> TakeCopy();
  void PrepareCopy();

  // Never run itself, so that no container ever reaches it.
  const UniqueFd program_;
  // The thread's own: for the next start.
  UniqueFd next_copy_;
  const std::vector<std::string> tasks_files_;
  absl::Mutex mutex_;
  std::deque<Request*> requests_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// Waits until the shim has ended, and collects it if it is our child; true if
// so. Kills it first if `kill`.
bool ReapShim(int pidfd, bool kill, absl::Duration wait);

}  // namespace tug::runtimed
