// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>

#include "lib/sys/unique_fd.h"

namespace tug::runtimed {

// The processes of a cgroup.procs, however many: a number a line (cgroups(7)).
// It is read in pieces, and a number that a piece cuts goes on in the next; one
// that no line ends is nobody's. Async-signal-safe.
class PidList {
 public:
  explicit PidList(const char* path);

  // The next one; 0 at the end, or if the list cannot be read.
  pid_t Next();

 private:
  static constexpr size_t kPiece = 4096;

  // The next character; -1 at the end.
  int NextByte();

  UniqueFd file_;
  char piece_[kPiece];
  size_t size_ = 0;
  size_t at_ = 0;
};

}  // namespace tug::runtimed
