// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/images/byte_pump.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::gatewayd {
namespace {

// False when the other side has gone.
absl::StatusOr<bool> SendAll(int socket, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(socket, bytes, size, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EPIPE || errno == ECONNRESET) return false;
      return ErrnoStatus(errno, "send to the service");
    }
    bytes += sent;
    size -= static_cast<size_t>(sent);
  }
  return true;
}

}  // namespace

absl::Status PumpBodyTo(http::Exchange& exchange, int socket) {
  const auto buffer = std::make_unique<char[]>(kPumpBuffer);
  while (exchange.AwaitBody(socket)) {
    ASSIGN_OR_RETURN(const size_t size,
                     exchange.ReadSome(buffer.get(), kPumpBuffer));
    if (size == 0) {
      ::shutdown(socket, SHUT_WR);
      break;
    }
    ASSIGN_OR_RETURN(const bool open, SendAll(socket, buffer.get(), size));
    if (!open) break;
  }
  return absl::OkStatus();
}

absl::Status PumpToResponse(int socket, http::Exchange& exchange,
                            const std::function<absl::Status()>& start) {
  const auto buffer = std::make_unique<char[]>(kPumpBuffer);
  bool started = false;
  for (;;) {
    const ssize_t size = ::read(socket, buffer.get(), kPumpBuffer);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return ErrnoStatus(errno, "read from the service");
    if (size == 0) return absl::OkStatus();
    if (!started) RETURN_IF_ERROR(start());
    started = true;
    RETURN_IF_ERROR(exchange.WriteSome(
        std::string_view(buffer.get(), static_cast<size_t>(size))));
  }
}

BodyUpload::~BodyUpload() {
  // Wakes a pump that waits for the service.
  if (socket_.valid()) ::shutdown(socket_.get(), SHUT_RDWR);
  thread_.Join();
}

absl::Status BodyUpload::Start(UniqueFd socket,
                               std::function<void()> on_failure) {
  socket_ = std::move(socket);
  ASSIGN_OR_RETURN(thread_,
                   Thread::Start([this, failed = std::move(on_failure)] {
                     outcome_ = PumpBodyTo(exchange_, socket_.get());
                     if (!outcome_.ok()) failed();
                   }));
  return absl::OkStatus();
}

absl::Status BodyUpload::Finish() {
  thread_.Join();
  return outcome_;
}

}  // namespace tug::gatewayd
