// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>

#include "absl/synchronization/mutex.h"
#include "lib/rpc/byte_channel.h"
#include "lib/sys/unique_fd.h"

namespace tug::rpc {

// The running connections of a byte socket, a thread each, up to a limit. When
// all are taken, one that has not shown its ticket yet leaves for a newcomer,
// or one of a peer that has far more than that (lib/base/fair_share.h); else
// the newcomer is closed.
//
// Thread-safe. The booth outlives it.
class ByteConnections {
 public:
  ByteConnections(TicketBooth& booth, size_t limit)
      : booth_(booth), limit_(limit) {}
  // Waits for the threads; End() first.
  ~ByteConnections();

  // Serves `connection` of the user `uid` on a thread of its own.
  void Serve(UniqueFd connection, uid_t uid);

  // Ends all streams in both directions, and waits for their handlers.
  void End();

 private:
  struct Running {
    UniqueFd connection;  // A duplicate, because the handler owns the original.
    uid_t uid = 0;
    // Nanoseconds of the monotonic clock; 0 once the ticket is shown.
    int64_t waiting_since = 0;
    // Broken to make room; its thread is about to end.
    bool leaves = false;
  };

  // Makes room for one of `uid`; false if nobody is to leave.
  bool MakeRoom(uid_t uid) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // On the connection's own thread.
  void Run(uint64_t id, UniqueFd connection);

  TicketBooth& booth_;
  const size_t limit_;
  absl::Mutex mutex_;
  uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t leaving_ ABSL_GUARDED_BY(mutex_) = 0;
  // In the order of their coming.
  std::map<uint64_t, Running> running_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::rpc
