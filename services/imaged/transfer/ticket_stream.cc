// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/transfer/ticket_stream.h"

#include "absl/time/clock.h"
#include "lib/base/status_macros.h"

namespace tug::imaged {
namespace {

constexpr absl::Duration kCancelPoll = absl::Milliseconds(200);

}  // namespace

absl::StatusOr<std::shared_ptr<TicketStream>> TicketStream::Issue(
    rpc::TicketBooth& booth) {
  auto stream = std::make_shared<TicketStream>();
  ASSIGN_OR_RETURN(stream->ticket_, booth.IssueStream(
                                        [stream](UniqueFd connection) {
                                          stream->Accept(std::move(connection));
                                        },
                                        [stream] { stream->Expire(); }));
  return stream;
}

void TicketStream::Accept(UniqueFd connection) {
  absl::MutexLock lock(&mutex_);
  connection_ = std::move(connection);
}

void TicketStream::Expire() {
  absl::MutexLock lock(&mutex_);
  expired_ = true;
}

absl::StatusOr<UniqueFd> TicketStream::Wait(const Cancelled& cancelled) {
  // Expiry is told only when the booth is used again.
  const absl::Time deadline = absl::Now() + 2 * rpc::kTicketLifetime;
  absl::MutexLock lock(&mutex_);
  const auto settled = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return expired_ || connection_.valid();
  };
  while (!mutex_.AwaitWithTimeout(absl::Condition(&settled), kCancelPoll)) {
    if (cancelled()) return absl::CancelledError("the caller has left");
    if (absl::Now() > deadline) break;
  }
  if (connection_.valid()) return std::move(connection_);
  return absl::DeadlineExceededError("nobody presented the stream's ticket");
}

}  // namespace tug::imaged
