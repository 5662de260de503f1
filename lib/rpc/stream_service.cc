// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/stream_service.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "absl/synchronization/notification.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/base/thread.h"
#include "lib/rpc/status_conversion.h"
#include "lib/rpc/ticket_wire.h"

namespace tug::rpc {
namespace {

using stream::v1::Chunk;
using Stream = grpc::ServerReaderWriter<Chunk, Chunk>;

constexpr size_t kChunkBytes = 64 << 10;
// How long the caller may take to end its side after the service ended its.
constexpr absl::Duration kHalfCloseTimeout = kTicketLifetime;
constexpr int kCancellationCheckMs = 500;

// A claimed stream: our end, and the thread of the handler at the other end
// (none for a descriptor).
struct Opened {
  UniqueFd end;
  Thread handler;
};

absl::StatusOr<Opened> OpenClaim(TicketBooth::Claim claim) {
  if (auto* descriptor = std::get_if<TicketBooth::Descriptor>(&claim)) {
    if (!descriptor->is_stream) {
      return WithReason(
          absl::FailedPreconditionError(
              "the ticket names a descriptor: redeem it at the byte socket"),
          "TICKET_IS_DESCRIPTOR");
    }
    return Opened{std::move(descriptor->fd), {}};
  }
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return ErrnoStatus(errno, "open a pair of sockets");
  }
  Opened opened = {UniqueFd(ends[0]), {}};
  ASSIGN_OR_RETURN(
      opened.handler,
      Thread::Start(
          [handler = std::get<TicketBooth::Handler>(std::move(claim)),
           fd = UniqueFd(ends[1])]() mutable { handler(std::move(fd)); }));
  return opened;
}

// Writes all of `data`, waiting where the descriptor does not block.
bool WriteAll(int fd, absl::string_view data) {
  while (!data.empty()) {
    const ssize_t written = write(fd, data.data(), data.size());
    if (written > 0) {
      data.remove_prefix(static_cast<size_t>(written));
    } else if (written < 0 && errno == EAGAIN) {
      pollfd writable = {fd, POLLOUT, 0};
      (void)poll(&writable, 1, -1);
    } else if (written == 0 || errno != EINTR) {
      return false;
    }
  }
  return true;
}

// Until the caller ends its side. What the service no longer takes is read and
// dropped, so that the caller sees the outcome, not a stall.
void PumpToService(Stream& stream, int fd) {
  Chunk chunk;
  bool taken = true;
  while (stream.Read(&chunk)) {
    if (taken) taken = WriteAll(fd, chunk.data());
  }
  shutdown(fd, SHUT_WR);
}

// Until the service ends its side or the caller is gone.
void PumpToCaller(grpc::ServerContext& context, Stream& stream, int fd) {
  Chunk chunk;
  std::string buffer(kChunkBytes, '\0');
  while (!context.IsCancelled()) {
    pollfd readable = {fd, POLLIN, 0};
    const int ready = poll(&readable, 1, kCancellationCheckMs);
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) break;
    chunk.set_data(buffer.data(), static_cast<size_t>(got));
    if (!stream.Write(chunk)) break;
  }
}

// Both directions. gRPC's server cannot end its side alone, so an empty chunk
// says it; the caller then has some time to end its own.
absl::Status Pump(grpc::ServerContext& context, Stream& stream, int fd) {
  absl::Notification caller_ended;
  ASSIGN_OR_RETURN(Thread to_service, Thread::Start([&] {
                     PumpToService(stream, fd);
                     caller_ended.Notify();
                   }));
  PumpToCaller(context, stream, fd);
  (void)stream.Write(Chunk());
  const absl::Duration patience =
      context.IsCancelled() ? absl::ZeroDuration() : kHalfCloseTimeout;
  if (!caller_ended.WaitForNotificationWithTimeout(patience)) {
    context.TryCancel();
    shutdown(fd, SHUT_RDWR);
  }
  to_service.Join();
  return absl::OkStatus();
}

absl::StatusOr<Opened> Redeem(TicketBooth& booth, const std::string& token) {
  ASSIGN_OR_RETURN(TicketBooth::Claim claim, booth.Take(token));
  return OpenClaim(std::move(claim));
}

}  // namespace

grpc::Status GrpcStreamService::Open(grpc::ServerContext* context,
                                     Stream* stream) {
  Chunk first;
  if (!stream->Read(&first)) {
    return ToGrpc(WithReason(absl::NotFoundError("the first message must "
                                                 "carry a ticket's token"),
                             "TICKET_UNKNOWN"),
                  domain_);
  }
  absl::StatusOr<Opened> opened = Redeem(booth_, first.token());
  if (!opened.ok()) return ToGrpc(opened.status(), domain_);
  const absl::Status pumped = Pump(*context, *stream, opened->end.get());
  opened->end.reset();
  opened->handler.Join();
  if (!pumped.ok()) return ToGrpc(pumped, domain_);
  return context->IsCancelled() ? grpc::Status::CANCELLED : grpc::Status::OK;
}

}  // namespace tug::rpc
