// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/streams/hijack.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <atomic>
#include <memory>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "lib/base/thread.h"
#include "services/gatewayd/streams/detach_keys.h"
#include "services/gatewayd/streams/splice.h"

namespace tug::gatewayd {
namespace {

constexpr size_t kBufferSize = 64 * 1024;
// First version that tells framed streams by their content type.
constexpr ApiVersion kMultiplexedType = {1, 42};

// Not filled, so that a session without traffic holds no pages of it.
std::unique_ptr<char[]> NewBuffer() {
  return std::make_unique_for_overwrite<char[]>(kBufferSize);
}

// Reads once; 0 at the end or when the connection is lost.
size_t ReadOnce(int from, char* buffer) {
  for (;;) {
    const ssize_t size = ::recv(from, buffer, kBufferSize, 0);
    if (size < 0 && errno == EINTR) continue;
    return size < 0 ? 0 : static_cast<size_t>(size);
  }
}

// Waits until the peer of `socket`, or we ourselves, have closed both ways.
void AwaitHangUp(int socket) {
  pollfd fd = {socket, 0, 0};
  while (::poll(&fd, 1, -1) < 0 && errno == EINTR) {
  }
}

// The client's half of a session, on a thread of its own.
class InputPump {
 public:
  InputPump(int client, int container, const SpliceOptions& options)
      : client_(client), container_(container), options_(options) {
    if (!options.detach_keys.empty()) scanner_.emplace(options.detach_keys);
  }

  void Run(const std::string& buffered) {
    bool open = options_.input && Forward(buffered);
    const auto buffer = NewBuffer();
    while (open) {
      const size_t size = ReadOnce(client_, buffer.get());
      open = size > 0 && Forward(absl::string_view(buffer.get(), size));
    }
    if (!detached_) {
      if (options_.input) ::shutdown(container_, SHUT_WR);
      // The output goes on until the client leaves for good.
      AwaitHangUp(client_);
    }
    // Ends the output, too.
    left_ = true;
    ::shutdown(container_, SHUT_RDWR);
  }

  // Whether the client's side ended the session.
  bool left() const { return left_; }

 private:
  // Whether more input may follow.
  bool Forward(absl::string_view bytes) {
    if (bytes.empty()) return true;
    if (!scanner_.has_value()) {
      return WriteAll(container_, bytes.data(), bytes.size()).ok();
    }
    std::string out;
    detached_ = scanner_->Scan(bytes, out);
    return WriteAll(container_, out.data(), out.size()).ok() && !detached_;
  }

  const int client_;
  const int container_;
  const SpliceOptions& options_;
  std::optional<DetachScanner> scanner_;
  bool detached_ = false;
  std::atomic<bool> left_ = false;
};

// Waits until the peer of a unix socket has read all that was sent; of other
// sockets, until it has been acknowledged. docker-py loses output that arrives
// together with the response's head, which Docker is too slow to do. The
// kernel has no event for it, hence the short pauses; a client that does not
// read is not waited for.
void AwaitRead(int socket) {
  constexpr absl::Duration kPause = absl::Microseconds(50);
  constexpr absl::Duration kPatience = absl::Milliseconds(50);
  const absl::Time end = absl::Now() + kPatience;
  int unread = 0;
  while (::ioctl(socket, SIOCOUTQ, &unread) == 0 && unread > 0 &&
         absl::Now() < end) {
    absl::SleepFor(kPause);
  }
}

}  // namespace

absl::StatusOr<http::Exchange::Raw> HijackConnection(RequestContext& context,
                                                     bool tty) {
  const bool upgrade = context.head().headers.Has("Upgrade");
  const bool framed = upgrade && !tty && context.version() >= kMultiplexedType;
  const char* const type = framed ? kMultiplexedStream : kRawStream;
  if (!upgrade) return context.exchange().Hijack(context.NewHead(200, type));
  http::ResponseHead head;
  head.status = 101;
  head.headers.Add("Content-Type", type);
  head.headers.Add("Connection", "Upgrade");
  head.headers.Add("Upgrade", "tcp");
  AddStandardHeaders(head);
  return context.exchange().Hijack(std::move(head));
}

void SpliceStreams(http::Exchange::Raw client, UniqueFd container,
                   const SpliceOptions& options) {
  InputPump input(client.socket.get(), container.get(), options);
  absl::StatusOr<Thread> input_thread =
      Thread::Start([&] { input.Run(client.buffered); });
  if (!input_thread.ok()) {
    LogIfError(input_thread.status(), "closing a session");
    return;
  }
  const auto buffer = NewBuffer();
  bool writable = true;
  bool first = true;
  while (const size_t size = ReadOnce(container.get(), buffer.get())) {
    if (std::exchange(first, false)) AwaitRead(client.socket.get());
    writable = WriteAll(client.socket.get(), buffer.get(), size).ok();
    if (!writable) break;
  }
  if (options.container_ended && writable && !input.left()) {
    options.container_ended();
  }
  // The client reads its end first; then the input's thread is woken.
  ::shutdown(client.socket.get(), SHUT_WR);
  ::shutdown(client.socket.get(), SHUT_RD);
  ::shutdown(container.get(), SHUT_RDWR);
  input_thread->Join();
}

absl::Status WriteText(const http::Exchange::Raw& client, bool tty,
                       absl::string_view text) {
  if (!tty) {
    const uint32_t size = static_cast<uint32_t>(text.size());
    const char header[8] = {1,
                            0,
                            0,
                            0,
                            static_cast<char>(size >> 24),
                            static_cast<char>(size >> 16),
                            static_cast<char>(size >> 8),
                            static_cast<char>(size)};
    RETURN_IF_ERROR(WriteAll(client.socket.get(), header, sizeof(header)));
  }
  return WriteAll(client.socket.get(), text.data(), text.size());
}

}  // namespace tug::gatewayd
