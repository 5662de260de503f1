// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/sys/unique_fd.h"
#include "services/runtimed/containers/container_catalog.h"
#include "services/runtimed/containers/exit_watch.h"
#include "services/runtimed/logs/log_cursor.h"
#include "services/runtimed/logs/log_encoder.h"

namespace tug::runtimed {

// Sends logs to their readers, all on one thread: a reader that follows for
// days, or that does not read, costs a descriptor and some hundred bytes.
//
// Each stream is ready, or waits: for its socket to take more, or for the log
// to grow, which inotify tells for the directory of the log. A ready one is
// given a turn of some bytes, then the next, so that a long log holds up
// nobody. A stream ends at the end of its log, or, when it follows, with the
// run of the container that it found running, even if another run comes after
// it.
//
// Thread-safe. The destructor breaks all streams.
class LogFollower {
 public:
  static absl::StatusOr<std::unique_ptr<LogFollower>> Make();
  ~LogFollower();
  LogFollower(const LogFollower&) = delete;
  LogFollower& operator=(const LogFollower&) = delete;

  // Names a stream; never 0.
  using Id = uint64_t;
  // Told, on the follower's thread, how a stream has ended. It must not block.
  using Done = std::function<void(const absl::Status&)>;

  // Sends the log of the container to `socket`, which it owns. Opens files.
  Id Send(ContainerCatalog& catalog, ExitWatch& exits, LogCursor::Log log,
          LogEncoder encoder, UniqueFd socket, Done done);
  // Ends a stream; one that is unknown by now is left alone.
  void Cancel(Id id);

 private:
  struct Stream;
  using StreamPtr = std::shared_ptr<Stream>;
  // The readers of the logs in one directory.
  struct Directory {
    int watch = -1;
    std::set<Id> streams;
  };
  // What a turn of a stream came to.
  enum class Turn { kMore, kWaits, kEnded };

  LogFollower(UniqueFd poll, UniqueFd changes, UniqueFd wake);

  void Run();
  void Wake(Id id);
  // Moves what other threads have asked for into `ready_`.
  bool TakeOrders();
  void Adopt(const StreamPtr& stream);
  void TakeChanges();
  void MarkFollowers();
  // Those whose time has come.
  void MarkDue();
  void TakeTurns();
  Turn TakeTurn(Stream& stream, absl::Status& outcome);
  void End(const StreamPtr& stream, const absl::Status& outcome);
  int TimeoutMs() const;

  const UniqueFd poll_, changes_, wake_;
  absl::Mutex mutex_;
  Id next_id_ ABSL_GUARDED_BY(mutex_) = 3;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<StreamPtr> added_ ABSL_GUARDED_BY(mutex_);
  std::set<Id> woken_ ABSL_GUARDED_BY(mutex_);
  std::set<Id> cancelled_ ABSL_GUARDED_BY(mutex_);
  // The rest is the thread's own.
  std::map<Id, StreamPtr> streams_;
  std::map<std::string, Directory> directories_;
  std::map<int, std::string> directory_of_watch_;
  std::set<Id> ready_;
  absl::Time next_look_;
  std::thread thread_;
};

}  // namespace tug::runtimed
