// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/uio.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lib/http/client_wait.h"

namespace tug::http {

// Blocking reads through a bounded buffer, and whole writes, on a socket that
// somebody else owns. Not thread-safe.
class BufferedSocket {
 public:
  // `limit`: most bytes to hold unconsumed. `wait` (may be null) is told when
  // the peer keeps us waiting.
  BufferedSocket(int socket, size_t limit, ClientWait* wait = nullptr);

  // Bytes read and not consumed yet.
  std::string_view unread() const {
    return std::string_view(buffer_.data() + begin_, end_ - begin_);
  }
  void Consume(size_t size);

  // Reads once more, waiting at most `timeout` (infinite: for ever). Answers
  // the bytes added; 0 at the end of the stream. DEADLINE_EXCEEDED,
  // RESOURCE_EXHAUSTED (the buffer is full), CANCELLED (connection lost).
  absl::StatusOr<size_t> Fill(absl::Duration timeout);

  // Waits until there is something to read, or the end. False when the peer of
  // `other`, a stream socket, has gone before.
  bool AwaitInput(int other);

  // Tells the peer that nothing more comes, then reads and drops what it still
  // sends, at most `limit` bytes, until it closes, stays silent for `silence`,
  // or `total` is over. Closing at once instead would make the kernel throw
  // away what the peer has not read yet.
  void Linger(size_t limit, absl::Duration silence, absl::Duration total);

  // Sends all of it. CANCELLED when the peer has left.
  absl::Status Send(std::string_view bytes);
  absl::Status Send(const std::vector<std::string_view>& pieces);

  int socket() const { return socket_; }

 private:
  // Waits for `events` of poll(2) or for the peer of `other` (-1: none) to have
  // gone; answers what came of `events`, 0 when `timeout` is over.
  int Await(short events, int other, absl::Duration timeout);

  const int socket_;
  const size_t limit_;
  ClientWait* const wait_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace tug::http
