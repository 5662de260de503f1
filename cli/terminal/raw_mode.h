// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <termios.h>

#include <optional>

namespace tug::cli {

struct WindowSize {
  unsigned rows = 0;
  unsigned columns = 0;
};

// Size of the terminal behind `fd`; absent if it is none.
std::optional<WindowSize> TerminalSize(int fd);

// Puts the terminal behind `fd` into raw mode until destroyed; no effect on
// anything but a terminal.
class RawMode {
 public:
  explicit RawMode(int fd);
  ~RawMode();
  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;

 private:
  const int fd_;
  std::optional<termios> before_;
};

// Does not echo what is typed, until destroyed (passwords).
class NoEcho {
 public:
  explicit NoEcho(int fd);
  ~NoEcho();
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  const int fd_;
  std::optional<termios> before_;
};

}  // namespace tug::cli
