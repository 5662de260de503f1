// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "lib/rpc/byte_channel.h"
#include "lib/sys/unique_fd.h"
#include "proto/tug/type/v1/type.pb.h"
#include "services/imaged/transfer/transfer_parts.h"

namespace tug::imaged {

// A ticket that was given out, and the connection of whoever presents it.
//
// Shared by the call that waits and the booth's handler, whichever ends last.
// Thread-safe.
class TicketStream {
 public:
  static absl::StatusOr<std::shared_ptr<TicketStream>> Issue(
      rpc::TicketBooth& booth);

  const type::v1::StreamTicket& ticket() const { return ticket_; }

  // The connection; DEADLINE_EXCEEDED when nobody came in time, CANCELLED.
  absl::StatusOr<UniqueFd> Wait(const Cancelled& cancelled);

 private:
  void Accept(UniqueFd connection);
  void Expire();

  type::v1::StreamTicket ticket_;
  absl::Mutex mutex_;
  UniqueFd connection_ ABSL_GUARDED_BY(mutex_);
  bool expired_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tug::imaged
