// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/grpc/socket_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "absl/time/clock.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::registryd {
namespace {

// How soon a cancelled call is noticed.
constexpr int kPollMilliseconds = 500;
constexpr int kSendBufferBytes = 1024 * 1024;

// Where the thread that redeems meets the one that reads the registry. Shared,
// because either may be gone first.
struct Meeting {
  absl::Mutex mutex;
  UniqueFd connection ABSL_GUARDED_BY(mutex);
  bool expired ABSL_GUARDED_BY(mutex) = false;
};

absl::Status ReaderGone() {
  return absl::CancelledError("the reader of the blob has left");
}

absl::StatusOr<UniqueFd> Await(Meeting& meeting) {
  absl::MutexLock lock(&meeting.mutex);
  const auto met = [&meeting]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(meeting.mutex) {
    return meeting.expired || meeting.connection.valid();
  };
  const absl::Duration longest = rpc::kTicketLifetime + absl::Seconds(1);
  if (!meeting.mutex.AwaitWithTimeout(absl::Condition(&met), longest) ||
      meeting.expired) {
    meeting.expired = true;
    return absl::DeadlineExceededError("nobody took the blob's ticket in time");
  }
  return std::move(meeting.connection);
}

}  // namespace

absl::Status SocketSink::OnStart(int64_t size) {
  auto meeting = std::make_shared<Meeting>();
  ASSIGN_OR_RETURN(const type::v1::StreamTicket ticket,
                   booth_.IssueStream(
                       [meeting](UniqueFd connection) {
                         absl::MutexLock lock(&meeting->mutex);
                         if (!meeting->expired) {
                           meeting->connection = std::move(connection);
                         }
                       },
                       [meeting] {
                         absl::MutexLock lock(&meeting->mutex);
                         meeting->expired = true;
                       }));
  if (!announce_(ticket, size)) return ReaderGone();
  ASSIGN_OR_RETURN(connection_, Await(*meeting));
  const int flags = fcntl(connection_.get(), F_GETFL);
  if (flags == -1 ||
      fcntl(connection_.get(), F_SETFL, flags | O_NONBLOCK) == -1) {
    return ErrnoStatus(errno, "prepare blob stream");
  }
  // A larger buffer only saves wake-ups; its refusal does not matter.
  (void)setsockopt(connection_.get(), SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes,
                   sizeof(kSendBufferBytes));
  return absl::OkStatus();
}

absl::Status SocketSink::OnBytes(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        send(connection_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      RETURN_IF_ERROR(WaitWritable());
    } else if (errno != EINTR) {
      return ReaderGone();
    }
  }
  return absl::OkStatus();
}

absl::Status SocketSink::WaitWritable() {
  const absl::Time deadline = absl::Now() + kReaderTimeout;
  while (absl::Now() < deadline) {
    if (cancelled_()) return ReaderGone();
    pollfd entry = {connection_.get(), POLLOUT, 0};
    if (poll(&entry, 1, kPollMilliseconds) > 0) return absl::OkStatus();
  }
  return absl::DeadlineExceededError("the reader of the blob has stalled");
}

}  // namespace tug::registryd
