// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/streams/ticket_stream.h"

#include <errno.h>
#include <sys/socket.h>

#include <memory>

#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::gatewayd {
namespace {

constexpr size_t kBufferSize = 64 * 1024;

}  // namespace

absl::Status StreamBody(RequestContext& context, absl::string_view content_type,
                        int source) {
  // A source that is silent for long must not hide that the client left.
  const ScopedCancelCallback wake(&context.client_gone(),
                                  [source] { ::shutdown(source, SHUT_RDWR); });
  RETURN_IF_ERROR(
      context.exchange().StartStream(context.NewHead(200, content_type)));
  // Not filled, so that a silent stream holds no pages of it.
  const auto buffer = std::make_unique_for_overwrite<char[]>(kBufferSize);
  for (;;) {
    const ssize_t size = ::recv(source, buffer.get(), kBufferSize, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return ErrnoStatus(errno, "read stream");
    if (size == 0) return absl::OkStatus();
    RETURN_IF_ERROR(context.exchange().WriteSome(
        std::string_view(buffer.get(), static_cast<size_t>(size))));
  }
}

}  // namespace tug::gatewayd
