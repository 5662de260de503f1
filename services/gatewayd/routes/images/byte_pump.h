// SPDX-License-Identifier: Apache-2.0
//
// Bytes between an HTTP body and a service's stream socket.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "lib/base/thread.h"
#include "lib/http/server.h"
#include "lib/sys/unique_fd.h"
#include "services/gatewayd/server/cancellation.h"

namespace tug::gatewayd {

// Bytes moved at a time.
inline constexpr size_t kPumpBuffer = 256 * 1024;

// Sends the request's body to `socket`, then half-closes it. OK also when the
// service stops reading early, whether or not the client goes on: the RPC tells
// why, and the exchange sees to it that the client gets the answer. Blocks.
absl::Status PumpBodyTo(http::Exchange& exchange, int socket);

// Writes what `socket` yields until its end as response body; `start` sends
// the head before the first byte. Ends early when the client leaves
// (CANCELLED). Blocks.
absl::Status PumpToResponse(int socket, http::Exchange& exchange,
                            const std::function<absl::Status()>& start);

// A PumpBodyTo on a thread of its own, so that the RPC's messages are read
// meanwhile. Joined by Finish or at the latest by the destructor.
class BodyUpload {
 public:
  explicit BodyUpload(http::Exchange& exchange) : exchange_(exchange) {}
  ~BodyUpload();
  BodyUpload(const BodyUpload&) = delete;
  BodyUpload& operator=(const BodyUpload&) = delete;

  // Once. `on_failure` runs on the upload's thread when the client breaks off.
  absl::Status Start(UniqueFd socket, std::function<void()> on_failure);
  // Waits for the end of the upload. OK when none was started.
  absl::Status Finish();

 private:
  http::Exchange& exchange_;
  UniqueFd socket_;
  absl::Status outcome_;
  Thread thread_;
};

}  // namespace tug::gatewayd
