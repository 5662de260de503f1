// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/sys/unique_fd.h"
#include "services/runtimed/protocol/protocol.h"

namespace tug::runtimed {

// A zeroed message of this version.
ShimMessage NewShimMessage(ShimMessageType type);
void SetExecId(ShimMessage& message, absl::string_view exec_id);

// What a shim tells without being asked. Called on the loop's thread: must not
// block.
struct ShimObserver {
  std::function<void(const ShimMessage&)> on_event;
  // The shim has closed the connection, or died. Once, and last.
  std::function<void()> on_closed;
};

// One connection to one shim. Any thread may call; the ShimLoop reads.
//
// shared_ptr: the loop, the live container and running calls hold it.
class ShimConnection {
 public:
  // What answered a call: the message that ends it, last, after those that
  // belong to it.
  struct Answer {
    std::vector<ShimMessage> messages;
    UniqueFd fd;
    const ShimMessage& last() const { return messages.back(); }
  };

  ShimConnection(UniqueFd socket, ShimObserver observer);

  // Sends a request and waits for an answer of one of the types in `ends`, or
  // kReply. A kReply with an error becomes a status with that errno.
  // UNAVAILABLE when the shim is gone, DEADLINE_EXCEEDED.
  absl::StatusOr<Answer> Call(ShimMessage request,
                              std::initializer_list<int> fds,
                              std::initializer_list<ShimMessageType> ends,
                              absl::Duration timeout = kCallTimeout);

  // Sends without waiting.
  absl::Status Send(ShimMessage request);

  // A shim answers within microseconds; longer means it hangs.
  static constexpr absl::Duration kCallTimeout = absl::Seconds(30);

  // For the loop. Reads everything there is; false at the end of the stream.
  bool ReadAll();
  void NotifyClosed();
  int socket() const { return socket_.get(); }

 private:
  struct Pending {
    std::vector<ShimMessageType> ends;
    Answer answer;
    bool done = false;
  };
  absl::Status SendWith(const ShimMessage& message, const int* fds,
                        size_t count);
  void Dispatch(const ShimMessage& message, UniqueFd fd);

  const UniqueFd socket_;
  const ShimObserver observer_;
  absl::Mutex mutex_;
  uint32_t next_id_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<uint32_t, Pending*> pending_ ABSL_GUARDED_BY(mutex_);
};

// Connects to the socket of a running shim. UNAVAILABLE when nobody listens.
absl::StatusOr<UniqueFd> ConnectToShim(const std::string& socket_path);

}  // namespace tug::runtimed
