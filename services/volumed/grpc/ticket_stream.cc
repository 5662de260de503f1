// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/grpc/ticket_stream.h"

#include <memory>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "lib/base/status_macros.h"

namespace tug::volumed {
namespace {

// How soon a cancelled call is noticed.
constexpr absl::Duration kPollInterval = absl::Milliseconds(200);

// Where the thread that redeems meets the one that waits. Shared, because
// either may be gone first.
struct Meeting {
  absl::Mutex mutex;
  UniqueFd connection ABSL_GUARDED_BY(mutex);
  bool ended ABSL_GUARDED_BY(mutex) = false;
};

}  // namespace

absl::StatusOr<UniqueFd> OpenTicketStream(
    rpc::TicketBooth& booth,
    const std::function<bool(const type::v1::StreamTicket&)>& announce,
    const std::function<bool()>& cancelled) {
  auto meeting = std::make_shared<Meeting>();
  ASSIGN_OR_RETURN(const type::v1::StreamTicket ticket,
                   booth.IssueStream([meeting](UniqueFd connection) {
                     absl::MutexLock lock(&meeting->mutex);
                     if (!meeting->ended) {
                       meeting->connection = std::move(connection);
                     }
                   }));
  const absl::Time deadline = absl::Now() + rpc::kTicketLifetime;
  if (!announce(ticket)) return absl::CancelledError("the caller has left");
  absl::MutexLock lock(&meeting->mutex);
  const auto met = [&meeting]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(meeting->mutex) {
    return meeting->connection.valid();
  };
  while (absl::Now() < deadline && !cancelled()) {
    if (meeting->mutex.AwaitWithTimeout(absl::Condition(&met), kPollInterval)) {
      return std::move(meeting->connection);
    }
  }
  meeting->ended = true;
  return absl::DeadlineExceededError("nobody took the ticket in time");
}

}  // namespace tug::volumed
