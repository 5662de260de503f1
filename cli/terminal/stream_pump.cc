// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/stream_pump.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "cli/terminal/detach_keys.h"
#include "cli/terminal/frame_reader.h"
#include "cli/terminal/signals.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

constexpr size_t kPieceBytes = 256 * 1024;

absl::Status WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (errno == EAGAIN) {
      // A terminal that somebody else made non-blocking.
      pollfd entry = {fd, POLLOUT, 0};
      (void)poll(&entry, 1, -1);
    } else if (errno != EINTR) {
      return ErrnoStatus(errno, fd == STDOUT_FILENO ? "write /dev/stdout"
                                                    : "write /dev/stderr");
    }
  }
  return absl::OkStatus();
}

class PumpSession {
 public:
  explicit PumpSession(const PumpOptions& options)
      : options_(options),
        keys_(options.detach_keys),
        reading_input_(options.send_input),
        piece_(kPieceBytes, '\0') {}

  absl::StatusOr<PumpEnd> Run();

 private:
  absl::Status Show(absl::string_view bytes);
  absl::Status ReadSocket();
  absl::Status ReadInput();
  void WriteSocket();
  void CloseInput();
  void TakePendingSignals();

  const PumpOptions& options_;
  DetachKeys keys_;
  FrameReader frames_;
  bool reading_input_;
  bool closed_ = false;
  bool detached_ = false;
  std::string pending_;  // Input not yet sent.
  std::string piece_;
};

absl::Status PumpSession::Show(absl::string_view bytes) {
  if (options_.tty) {
    return options_.show_output ? WriteAll(STDOUT_FILENO, bytes)
                                : absl::OkStatus();
  }
  return frames_.Feed(bytes, [this](int stream, absl::string_view part) {
    if (stream == 1 && options_.show_output) {
      return WriteAll(STDOUT_FILENO, part);
    }
    if (stream != 1 && options_.show_errors) {
      return WriteAll(STDERR_FILENO, part);
    }
    return absl::OkStatus();
  });
}

absl::Status PumpSession::ReadSocket() {
  const ssize_t count =
      recv(options_.socket, piece_.data(), piece_.size(), MSG_DONTWAIT);
  if (count > 0) {
    return Show({piece_.data(), static_cast<size_t>(count)});
  }
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
    return absl::OkStatus();
  }
  closed_ = true;  // An engine that died ends the session just the same.
  return absl::OkStatus();
}

absl::Status PumpSession::ReadInput() {
  const ssize_t count = read(STDIN_FILENO, piece_.data(), piece_.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) {
    return absl::OkStatus();
  }
  if (count <= 0) {
    CloseInput();
    return absl::OkStatus();
  }
  const absl::string_view typed(piece_.data(), static_cast<size_t>(count));
  detached_ = keys_.Filter(typed, pending_);
  return absl::OkStatus();
}

void PumpSession::CloseInput() {
  reading_input_ = false;
  (void)shutdown(options_.socket, SHUT_WR);
}

void PumpSession::WriteSocket() {
  const ssize_t count = send(options_.socket, pending_.data(), pending_.size(),
                             MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count > 0) {
    pending_.erase(0, static_cast<size_t>(count));
  } else if (count < 0 && errno != EAGAIN && errno != EINTR) {
    // The container takes no more input; its output may still come.
    pending_.clear();
    reading_input_ = false;
  }
}

void PumpSession::TakePendingSignals() {
  while (const int number = NextSignal(options_.signal_fd)) {
    if (number == SIGWINCH) {
      if (options_.on_resize) options_.on_resize();
    } else if (options_.on_signal) {
      options_.on_signal(number);
    }
  }
}

absl::StatusOr<PumpEnd> PumpSession::Run() {
  RETURN_IF_ERROR(Show(options_.buffered));
  while (!closed_ && !detached_) {
    const bool want_input = reading_input_ && pending_.empty();
    const short socket_events =
        static_cast<short>(POLLIN | (pending_.empty() ? 0 : POLLOUT));
    pollfd entries[] = {{options_.socket, socket_events, 0},
                        {want_input ? STDIN_FILENO : -1, POLLIN, 0},
                        {options_.signal_fd, POLLIN, 0}};
    if (poll(entries, 3, -1) < 0 && errno != EINTR) {
      return ErrnoStatus(errno, "poll");
    }
    if (entries[2].revents != 0) TakePendingSignals();
    if ((entries[0].revents & POLLOUT) != 0) WriteSocket();
    if ((entries[0].revents & ~POLLOUT) != 0) RETURN_IF_ERROR(ReadSocket());
    if (entries[1].revents != 0) RETURN_IF_ERROR(ReadInput());
  }
  return detached_ ? PumpEnd::kDetached : PumpEnd::kClosed;
}

}  // namespace

absl::StatusOr<PumpEnd> Pump(const PumpOptions& options) {
  return PumpSession(options).Run();
}

}  // namespace tug::cli
