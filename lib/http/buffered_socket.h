// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/uio.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tug::http {

// Blocking reads through a bounded buffer, and whole writes, on a socket that
// somebody else owns. Not thread-safe.
class BufferedSocket {
 public:
  // `limit`: most bytes to hold unconsumed.
  BufferedSocket(int socket, size_t limit);

  // Bytes read and not consumed yet.
  std::string_view unread() const {
    return std::string_view(buffer_.data() + begin_, end_ - begin_);
  }
  void Consume(size_t size);

  // Reads once more, waiting at most `timeout` (infinite: for ever). Answers
  // the bytes added; 0 at the end of the stream. DEADLINE_EXCEEDED,
  // RESOURCE_EXHAUSTED (the buffer is full), CANCELLED (connection lost).
  absl::StatusOr<size_t> Fill(absl::Duration timeout);

  // Sends all of it. CANCELLED when the peer has left.
  absl::Status Send(std::string_view bytes);
  absl::Status Send(const std::vector<std::string_view>& pieces);

  int socket() const { return socket_; }

 private:
  const int socket_;
  const size_t limit_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  // SO_RCVTIMEO as it is set now.
  absl::Duration timeout_ = absl::InfiniteDuration();
};

}  // namespace tug::http
