// SPDX-License-Identifier: Apache-2.0
#include "lib/archive/stream.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::archive {
namespace {

// How often a waiting stream asks whether it is cancelled.
constexpr int kCancelPollMilliseconds = 200;
constexpr size_t kCopyBufferSize = 256 << 10;

absl::Status WaitFor(int fd, short events,
                     const std::function<bool()>& cancelled) {
  if (!cancelled) return absl::OkStatus();
  while (true) {
    if (cancelled()) return absl::CancelledError("the caller has left");
    pollfd poll_fd = {fd, events, 0};
    const int ready = poll(&poll_fd, 1, kCancelPollMilliseconds);
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return ErrnoStatus(errno, "poll");
  }
}

}  // namespace

absl::Status FdSource::Wait() { return WaitFor(fd_, POLLIN, cancelled_); }
absl::Status FdSink::Wait() { return WaitFor(fd_, POLLOUT, cancelled_); }

absl::StatusOr<size_t> FdSource::Read(char* buffer, size_t size) {
  while (true) {
    RETURN_IF_ERROR(Wait());
    const ssize_t count = read(fd_, buffer, size);
    if (count >= 0) return static_cast<size_t>(count);
    if (errno != EINTR && errno != EAGAIN) {
      return ErrnoStatus(errno, "read stream");
    }
  }
}

absl::Status FdSink::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    RETURN_IF_ERROR(Wait());
    const ssize_t count = write(fd_, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return absl::CancelledError("the reader has left");
    } else if (errno != EINTR && errno != EAGAIN) {
      return ErrnoStatus(errno, "write stream");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> MemorySource::Read(char* buffer, size_t size) {
  const size_t count = std::min(size, rest_.size());
  if (count > 0) memcpy(buffer, rest_.data(), count);
  rest_.remove_prefix(count);
  return count;
}

absl::StatusOr<std::string> ReadAll(Source& source, size_t limit) {
  std::string text;
  char buffer[16 << 10];
  while (true) {
    ASSIGN_OR_RETURN(const size_t count, source.Read(buffer, sizeof(buffer)));
    if (count == 0) return text;
    if (text.size() + count > limit) {
      return absl::ResourceExhaustedError(
          absl::StrCat("more than ", limit, " bytes"));
    }
    text.append(buffer, count);
  }
}

absl::StatusOr<int64_t> Copy(Source& source, Sink& sink) {
  std::string buffer(kCopyBufferSize, '\0');
  int64_t total = 0;
  while (true) {
    ASSIGN_OR_RETURN(const size_t count,
                     source.Read(buffer.data(), buffer.size()));
    if (count == 0) return total;
    RETURN_IF_ERROR(sink.Write(absl::string_view(buffer.data(), count)));
    total += static_cast<int64_t>(count);
  }
}

}  // namespace tug::archive
