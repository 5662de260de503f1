// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "lib/sys/unique_fd.h"

namespace tug::netd::dns {

// DNS over TCP: messages with two bytes of length before each (RFC 1035
// 4.2.2), on a non-blocking socket.
//
// Not thread-safe.
class FramedStream {
 public:
  // Answers that a peer may leave unread.
  static constexpr size_t kMaxUnsent = 256 * 1024;

  explicit FramedStream(UniqueFd socket) : socket_(std::move(socket)) {}

  // Reads what is there. False at the end of the stream or an error.
  bool Fill();
  // The next whole message, if there is one.
  std::optional<std::string> Next();

  // Queues a message and sends what can be sent. False after an error, or if
  // the peer does not read.
  bool Send(absl::string_view message);
  bool Flush();

  int fd() const { return socket_.get(); }

 private:
  UniqueFd socket_;
  std::string received_;
  std::string unsent_;
};

}  // namespace tug::netd::dns
