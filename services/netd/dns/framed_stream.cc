// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/framed_stream.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace tug::netd::dns {
namespace {

constexpr size_t kLength = 2;
// Room to begin with: a question or a short answer.
constexpr size_t kFirstRoom = 512;

}  // namespace

FramedStream::FramedStream(UniqueFd socket, size_t longest, ByteBudget& budget)
    : socket_(std::move(socket)), longest_(longest), budget_(budget) {
  budget_.Take(0);
}

FramedStream::~FramedStream() { budget_.Give(accounted_); }

bool FramedStream::Account() {
  budget_.Give(accounted_);
  accounted_ = received_.capacity() + unsent_.capacity();
  budget_.Take(accounted_);
  return !budget_.exceeded();
}

bool FramedStream::Grow() {
  const size_t most = 2 * (kLength + longest_);
  if (received_.size() == most) return false;
  received_.resize(std::min(most, std::max(kFirstRoom, 2 * received_.size())));
  return true;
}

std::optional<size_t> FramedStream::NextSize() const {
  if (end_ - begin_ < kLength) return std::nullopt;
  return static_cast<uint8_t>(received_[begin_]) * 256u +
         static_cast<uint8_t>(received_[begin_ + 1]);
}

bool FramedStream::HasNext() const {
  const std::optional<size_t> size = NextSize();
  return size.has_value() && end_ - begin_ >= kLength + *size;
}

bool FramedStream::Fill() {
  if (begin_ > 0 && begin_ >= received_.size() / 2) {
    std::memmove(received_.data(), received_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  while (end_ < received_.size() || Grow()) {
    if (!Account()) return false;
    const ssize_t size = recv(socket_.get(), received_.data() + end_,
                              received_.size() - end_, 0);
    if (size > 0) {
      end_ += static_cast<size_t>(size);
      continue;
    }
    if (size == 0 || (errno != EAGAIN && errno != EINTR)) return false;
    break;
  }
  const std::optional<size_t> size = NextSize();
  return !size.has_value() || *size <= longest_;
}

std::optional<absl::string_view> FramedStream::Next() {
  if (!HasNext()) return std::nullopt;
  const size_t size = *NextSize();
  const absl::string_view message(received_.data() + begin_ + kLength, size);
  begin_ += kLength + size;
  if (begin_ == end_) begin_ = end_ = 0;
  return message;
}

bool FramedStream::Send(absl::string_view message) {
  if (message.size() > kMaxMessage ||
      unsent_.size() - sent_ + message.size() > kMaxUnsent) {
    return false;
  }
  unsent_.push_back(static_cast<char>(message.size() >> 8));
  unsent_.push_back(static_cast<char>(message.size() & 0xff));
  unsent_.append(message.data(), message.size());
  return Flush() && Account();
}

bool FramedStream::Flush() {
  while (sent_ < unsent_.size()) {
    const ssize_t size = send(socket_.get(), unsent_.data() + sent_,
                              unsent_.size() - sent_, MSG_NOSIGNAL);
    if (size < 0) {
      const bool waits = errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
      if (waits && sent_ > unsent_.size() / 2) {
        unsent_.erase(0, std::exchange(sent_, 0));
      }
      return waits;
    }
    sent_ += static_cast<size_t>(size);
  }
  // A large answer's room is given back with it.
  if (unsent_.capacity() > kFirstRoom) {
    unsent_ = std::string();
  } else {
    unsent_.clear();
  }
  sent_ = 0;
  Account();
  return true;
}

}  // namespace tug::netd::dns
