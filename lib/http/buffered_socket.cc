// SPDX-License-Identifier: Apache-2.0
#include "lib/http/buffered_socket.h"

#include <errno.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::http {
namespace {

constexpr size_t kFirstBufferSize = 16 * 1024;

absl::Status ConnectionLost(int error) {
  return absl::CancelledError(
      error == 0 ? "connection closed by the peer"
                 : ErrnoStatus(error, "connection lost").message());
}

}  // namespace

BufferedSocket::BufferedSocket(int socket, size_t limit)
    : socket_(socket),
      limit_(limit),
      buffer_(std::min(limit, kFirstBufferSize)) {}

void BufferedSocket::Consume(size_t size) {
  begin_ += size;
  if (begin_ == end_) begin_ = end_ = 0;
}

absl::StatusOr<size_t> BufferedSocket::Fill(absl::Duration timeout) {
  if (end_ == buffer_.size() && begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {
    if (end_ >= limit_) return absl::ResourceExhaustedError("buffer is full");
    buffer_.resize(std::min(limit_, buffer_.size() * 2));
  }
  if (timeout != timeout_) {
    const timeval value =
        timeout == absl::InfiniteDuration()
            ? timeval{}
            : absl::ToTimeval(std::max(timeout, absl::Milliseconds(1)));
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof(value));
    timeout_ = timeout;
  }
  for (;;) {
    const ssize_t size =
        ::recv(socket_, buffer_.data() + end_, buffer_.size() - end_, 0);
    if (size >= 0) {
      end_ += static_cast<size_t>(size);
      return static_cast<size_t>(size);
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return absl::DeadlineExceededError("the peer sent nothing in time");
    }
    return ConnectionLost(errno);
  }
}

absl::Status BufferedSocket::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size =
        ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return ConnectionLost(errno);
    bytes.remove_prefix(static_cast<size_t>(size));
  }
  return absl::OkStatus();
}

absl::Status BufferedSocket::Send(const std::vector<std::string_view>& pieces) {
  std::vector<iovec> parts;
  size_t total = 0;
  for (const std::string_view piece : pieces) {
    parts.push_back({const_cast<char*>(piece.data()), piece.size()});
    total += piece.size();
  }
  msghdr message = {};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  ssize_t sent;
  do {
    sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return ConnectionLost(errno);
  if (static_cast<size_t>(sent) == total) return absl::OkStatus();
  size_t skip = static_cast<size_t>(sent);
  for (const std::string_view piece : pieces) {
    const size_t here = std::min(skip, piece.size());
    skip -= here;
    RETURN_IF_ERROR(Send(piece.substr(here)));
  }
  return absl::OkStatus();
}

}  // namespace tug::http
