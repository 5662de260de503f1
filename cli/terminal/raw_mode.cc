// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/raw_mode.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace tug::cli {
namespace {

std::optional<termios> Settings(int fd) {
  termios settings;
  if (isatty(fd) == 0 || tcgetattr(fd, &settings) != 0) return std::nullopt;
  return settings;
}

}  // namespace

std::optional<WindowSize> TerminalSize(int fd) {
  winsize size = {};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0) return std::nullopt;
  return WindowSize{size.ws_row, size.ws_col};
}

RawMode::RawMode(int fd) : fd_(fd), before_(Settings(fd)) {
  if (!before_.has_value()) return;
  termios raw = *before_;
  cfmakeraw(&raw);
  tcsetattr(fd_, TCSANOW, &raw);
}

RawMode::~RawMode() {
  if (before_.has_value()) tcsetattr(fd_, TCSANOW, &*before_);
}

NoEcho::NoEcho(int fd) : fd_(fd), before_(Settings(fd)) {
  if (!before_.has_value()) return;
  termios quiet = *before_;
  quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  tcsetattr(fd_, TCSANOW, &quiet);
}

NoEcho::~NoEcho() {
  if (before_.has_value()) tcsetattr(fd_, TCSANOW, &*before_);
}

}  // namespace tug::cli
