// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shim/pid_list.h"

#include <fcntl.h>

#include "lib/sys/file.h"

namespace tug::runtimed {
namespace {

// Above any pid (PID_MAX_LIMIT is 2^22): what is longer is no number.
constexpr long kMaxPid = 1L << 30;

}  // namespace

PidList::PidList(const char* path) : file_(open(path, O_RDONLY | O_CLOEXEC)) {}

int PidList::NextByte() {
  if (at_ == size_) {
    const long size = sys::ReadUpTo(file_.get(), piece_, sizeof(piece_));
    if (size <= 0) return -1;
    size_ = static_cast<size_t>(size);
    at_ = 0;
  }
  return static_cast<unsigned char>(piece_[at_++]);
}

pid_t PidList::Next() {
  long pid = 0;
  for (int byte = NextByte(); byte != -1; byte = NextByte()) {
    if (byte == '\n') {
      if (pid > 0) return static_cast<pid_t>(pid);
      pid = 0;
      continue;
    }
    if (byte < '0' || byte > '9' || pid > kMaxPid / 10 - 1) return 0;
    pid = pid * 10 + (byte - '0');
  }
  return 0;
}

}  // namespace tug::runtimed
