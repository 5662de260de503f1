// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/sys/unique_fd.h"
#include "services/netd/dns/message.h"

namespace tug::netd::dns {

// DNS over TCP: messages with two bytes of length before each (RFC 1035
// 4.2.2), on a non-blocking socket.
//
// What has been read stays where it is until it is used up: a sender of many
// small messages does not make us move the rest for each of them. The room is
// twice the longest message, so that what is left of one moves at most once
// for each time that much was read.
//
// Not thread-safe.
class FramedStream {
 public:
  // Bytes of answers that a peer may leave unread.
  static constexpr size_t kMaxUnsent = 2 * kMaxMessage;

  // A peer that announces more than `longest` bytes is treated as broken.
  FramedStream(UniqueFd socket, size_t longest);

  // Reads what is there and fits. False at the end of the stream, after an
  // error, or if the next message is too long.
  bool Fill();
  // The next whole message, if there is one; valid until Fill().
  std::optional<absl::string_view> Next();
  // Whether Next() has something.
  bool HasNext() const;

  // Queues a message and sends what can be sent. False after an error, or if
  // the peer does not read.
  bool Send(absl::string_view message);
  bool Flush();

  int fd() const { return socket_.get(); }

 private:
  // Length of the next message, as far as it is known.
  std::optional<size_t> NextSize() const;

  UniqueFd socket_;
  const size_t longest_;
  // Read and not yet used: from begin_ to end_.
  std::vector<char> received_;
  size_t begin_ = 0;
  size_t end_ = 0;
  // Still to be sent: from sent_.
  std::string unsent_;
  size_t sent_ = 0;
};

}  // namespace tug::netd::dns
