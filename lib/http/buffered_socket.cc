// SPDX-License-Identifier: Apache-2.0
#include "lib/http/buffered_socket.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>

#include "absl/time/clock.h"
#include "lib/base/status.h"

namespace tug::http {
namespace {

// Of a usual request; connections that only wait are many.
constexpr size_t kFirstBufferSize = 4 * 1024;
constexpr int kNobody = -1;

// What is left until `deadline` for poll(2); -1: for ever. Rounded up, so that
// it does not wake just before the time.
int Milliseconds(absl::Time deadline) {
  if (deadline == absl::InfiniteFuture()) return -1;
  const int64_t left = absl::ToInt64Milliseconds(
      absl::Ceil(deadline - absl::Now(), absl::Milliseconds(1)));
  return static_cast<int>(
      std::clamp<int64_t>(left, 0, std::numeric_limits<int>::max()));
}

absl::Status ConnectionLost(int error) {
  return absl::CancelledError(
      error == 0 ? "connection closed by the peer"
                 : ErrnoStatus(error, "connection lost").message());
}

}  // namespace

BufferedSocket::BufferedSocket(int socket, size_t limit, ClientWait* wait)
    : socket_(socket),
      limit_(limit),
      wait_(wait),
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
  const absl::Time deadline = absl::Now() + timeout;
  for (;;) {
    const ssize_t size = ::recv(socket_, buffer_.data() + end_,
                                buffer_.size() - end_, MSG_DONTWAIT);
    if (size >= 0) {
      end_ += static_cast<size_t>(size);
      if (wait_ != nullptr) wait_->Moved(static_cast<size_t>(size));
      return static_cast<size_t>(size);
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return ConnectionLost(errno);
    if (Await(POLLIN, kNobody, deadline - absl::Now()) == 0) {
      return absl::DeadlineExceededError("the peer sent nothing in time");
    }
  }
}

int BufferedSocket::Await(short events, int other, absl::Duration timeout) {
  if (wait_ != nullptr) wait_->Begin();
  const absl::Time deadline = absl::Now() + timeout;
  // poll(2) leaves a negative descriptor alone, and always tells of POLLHUP.
  pollfd polled[] = {{socket_, events, 0}, {other, 0, 0}};
  int ready = 0;
  do {
    ready = ::poll(polled, std::size(polled), Milliseconds(deadline));
  } while (ready < 0 && errno == EINTR);
  if (wait_ != nullptr) wait_->End();
  return polled[0].revents;
}

bool BufferedSocket::AwaitInput(int other) {
  return Await(POLLIN, other, absl::InfiniteDuration()) != 0;
}

void BufferedSocket::Linger(size_t limit, absl::Duration silence,
                            absl::Duration total) {
  ::shutdown(socket_, SHUT_WR);
  const absl::Time deadline = absl::Now() + total;
  size_t dropped = end_ - begin_;
  begin_ = end_ = 0;
  while (dropped <= limit && absl::Now() < deadline) {
    const auto size = Fill(std::min(silence, deadline - absl::Now()));
    if (!size.ok() || *size == 0) return;
    dropped += *size;
    begin_ = end_ = 0;
  }
}

absl::Status BufferedSocket::Send(std::string_view bytes) {
  return Send(std::vector<std::string_view>{bytes});
}

absl::Status BufferedSocket::Send(const std::vector<std::string_view>& pieces) {
  std::vector<iovec> parts;
  for (const std::string_view piece : pieces) {
    if (piece.empty()) continue;
    parts.push_back({const_cast<char*>(piece.data()), piece.size()});
  }
  msghdr message = {};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  while (message.msg_iovlen > 0) {
    ssize_t sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) return ConnectionLost(errno);
      (void)Await(POLLOUT, kNobody, absl::InfiniteDuration());
      continue;
    }
    auto left = static_cast<size_t>(sent);
    while (message.msg_iovlen > 0 && left >= message.msg_iov->iov_len) {
      left -= message.msg_iov->iov_len;
      ++message.msg_iov;
      --message.msg_iovlen;
    }
    if (message.msg_iovlen == 0) break;
    message.msg_iov->iov_base =
        static_cast<char*>(message.msg_iov->iov_base) + left;
    message.msg_iov->iov_len -= left;
  }
  // A client that has taken everything owes nothing.
  if (wait_ != nullptr) wait_->Forget();
  return absl::OkStatus();
}

}  // namespace tug::http
