// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "absl/synchronization/mutex.h"
#include "lib/rpc/byte_channel.h"
#include "lib/sys/unique_fd.h"

namespace tug::rpc {

// The running connections of a byte socket, a thread each, at most
// kMaxByteConnections.
//
// Thread-safe. The booth outlives it.
class ByteConnections {
 public:
  explicit ByteConnections(TicketBooth& booth) : booth_(booth) {}
  // Waits for the threads; End() first.
  ~ByteConnections();

  // Serves `connection` on a thread of its own, or closes it at the limit.
  void Serve(UniqueFd connection);

  // Ends all streams in both directions, and waits for their handlers.
  void End();

 private:
  TicketBooth& booth_;
  absl::Mutex mutex_;
  uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 0;
  // Duplicates, because the handlers own the originals.
  std::map<uint64_t, UniqueFd> running_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::rpc
