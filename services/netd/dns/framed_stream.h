// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/base/byte_budget.h"
#include "lib/sys/unique_fd.h"
#include "services/netd/dns/message.h"

namespace tug::netd::dns {

// DNS over TCP: messages with two bytes of length before each (RFC 1035
// 4.2.2), on a non-blocking socket.
//
// What has been read stays where it is until it is used up: a sender of many
// small messages does not make us move the rest for each of them. The room
// grows with what comes, to twice the longest message, so that what is left of
// one moves at most once for each time that much was read.
//
// A peer that asks and does not read is not asked on: its owner takes no more
// messages while Backlogged(), and watches for room while HasUnsent().
//
// All room, for what was read and for what is still to be sent, is taken from
// `budget`, which streams share; a stream that finds none left is broken.
//
// Not thread-safe.
class FramedStream {
 public:
  // Bytes of answers that a peer may leave unread before it is treated as
  // broken, and before it should be asked no more.
  static constexpr size_t kMaxUnsent = 2 * kMaxMessage;
  static constexpr size_t kBacklog = kMaxUnsent / 4;

  // A peer that announces more than `longest` bytes is treated as broken.
  FramedStream(UniqueFd socket, size_t longest, ByteBudget& budget);
  ~FramedStream();
  FramedStream(const FramedStream&) = delete;
  FramedStream& operator=(const FramedStream&) = delete;

  // Reads what is there and fits. False at the end of the stream, after an
  // error, if the next message is too long, or without room.
  bool Fill();
  // The next whole message, if there is one; valid until Fill().
  std::optional<absl::string_view> Next();
  // Whether Next() has something.
  bool HasNext() const;

  // Queues a message and sends what can be sent. False after an error, or if
  // the peer does not read.
  bool Send(absl::string_view message);
  bool Flush();
  size_t Unsent() const { return unsent_.size() - sent_; }
  bool HasUnsent() const { return Unsent() > 0; }
  bool Backlogged() const { return Unsent() >= kBacklog; }

  int fd() const { return socket_.get(); }

 private:
  // Length of the next message, as far as it is known.
  std::optional<size_t> NextSize() const;
  // More room for what is read; false if there is all there may be.
  bool Grow();
  // Tells the budget what is held now. False if that is too much.
  bool Account();

  UniqueFd socket_;
  const size_t longest_;
  ByteBudget& budget_;
  // What the budget has been told of.
  size_t accounted_ = 0;
  // Read and not yet used: from begin_ to end_.
  std::vector<char> received_;
  size_t begin_ = 0;
  size_t end_ = 0;
  // Still to be sent: from sent_.
  std::string unsent_;
  size_t sent_ = 0;
};

}  // namespace tug::netd::dns
