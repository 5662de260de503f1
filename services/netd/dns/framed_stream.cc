// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/framed_stream.h"

#include <sys/socket.h>

#include <cerrno>

#include "services/netd/dns/message.h"

namespace tug::netd::dns {
namespace {

constexpr size_t kLength = 2;
constexpr size_t kChunk = 4096;

}  // namespace

bool FramedStream::Fill() {
  // One message at most is kept: Next() is called in between.
  while (received_.size() < kLength + kMaxMessage) {
    char chunk[kChunk];
    const ssize_t size = recv(socket_.get(), chunk, sizeof(chunk), 0);
    if (size > 0) {
      received_.append(chunk, static_cast<size_t>(size));
      continue;
    }
    return size < 0 && (errno == EAGAIN || errno == EINTR);
  }
  return true;
}

std::optional<std::string> FramedStream::Next() {
  if (received_.size() < kLength) return std::nullopt;
  const size_t size = static_cast<uint8_t>(received_[0]) * 256u +
                      static_cast<uint8_t>(received_[1]);
  if (received_.size() < kLength + size) return std::nullopt;
  std::string message = received_.substr(kLength, size);
  received_.erase(0, kLength + size);
  return message;
}

bool FramedStream::Send(absl::string_view message) {
  if (message.size() > kMaxMessage ||
      unsent_.size() + message.size() > kMaxUnsent) {
    return false;
  }
  unsent_.push_back(static_cast<char>(message.size() >> 8));
  unsent_.push_back(static_cast<char>(message.size() & 0xff));
  unsent_.append(message.data(), message.size());
  return Flush();
}

bool FramedStream::Flush() {
  while (!unsent_.empty()) {
    const ssize_t size =
        send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (size < 0) {
      return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
    }
    unsent_.erase(0, static_cast<size_t>(size));
  }
  return true;
}

}  // namespace tug::netd::dns
