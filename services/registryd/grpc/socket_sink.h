// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/rpc/byte_channel.h"
#include "lib/sys/unique_fd.h"
#include "services/registryd/client/blob_sink.h"

namespace tug::registryd {

// Longest that a reader of the stream may leave it full.
inline constexpr absl::Duration kReaderTimeout = absl::Minutes(10);

// Writes a blob into the stream that a ticket stands for. The ticket is issued
// once the registry has answered, so that nobody waits at a stream that never
// comes.
//
// Used by one thread; the ticket is redeemed on another.
class SocketSink final : public BlobSink {
 public:
  // Hands the ticket and the blob's size to the caller; false if it has left.
  using Announce =
      std::function<bool(const type::v1::StreamTicket&, int64_t size)>;

  SocketSink(rpc::TicketBooth& booth, Announce announce,
             std::function<bool()> cancelled)
      : booth_(booth),
        announce_(std::move(announce)),
        cancelled_(std::move(cancelled)) {}

  absl::Status OnStart(int64_t size) override;
  absl::Status OnBytes(absl::string_view bytes) override;

  // Ends the stream; the reader sees its end.
  void Close() { connection_.reset(); }

 private:
  absl::Status WaitWritable();

  rpc::TicketBooth& booth_;
  Announce announce_;
  std::function<bool()> cancelled_;
  UniqueFd connection_;
};

}  // namespace tug::registryd
