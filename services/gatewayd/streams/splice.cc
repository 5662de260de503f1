// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/streams/splice.h"

#include <errno.h>
#include <sys/socket.h>

#include <vector>

#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::gatewayd {
namespace {

constexpr size_t kBufferSize = 128 * 1024;

absl::Status Lost(int error, absl::string_view what) {
  return absl::CancelledError(ErrnoStatus(error, what).message());
}

}  // namespace

absl::Status WriteAll(int to, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(to, bytes, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return Lost(errno, "write stream");
    bytes += sent;
    size -= static_cast<size_t>(sent);
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> CopyToEnd(int from, int to) {
  std::vector<char> buffer(kBufferSize);
  int64_t total = 0;
  for (;;) {
    const ssize_t size = ::recv(from, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Lost(errno, "read stream");
    if (size == 0) break;
    RETURN_IF_ERROR(WriteAll(to, buffer.data(), static_cast<size_t>(size)));
    total += size;
  }
  ::shutdown(to, SHUT_WR);
  return total;
}

}  // namespace tug::gatewayd
