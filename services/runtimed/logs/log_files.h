// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/sys/unique_fd.h"
#include "services/runtimed/containers/exit_watch.h"

namespace tug::runtimed {

// The open files of a log, oldest first; the last one is being written.
struct LogFiles {
  std::vector<UniqueFd> files;
};

// The file that is to take the place of the newest one, until a rotation ends.
std::string NextLogPath(const std::string& path);

// Completes a rotation, also one that a crash has interrupted between its two
// steps. The caller holds the log's lock.
void FinishRotation(const std::string& path, int max_files);

// Opens what there is: none for a container that never ran. The caller holds
// the log's lock, so that no rotation comes between.
LogFiles OpenLogFiles(const std::string& path);

// Where the log ends now; nothing known if there is none.
LogEnd FindLogEnd(const std::string& path);

// The position in the files, from the oldest, from where on there are `lines`
// whole lines. Reads backwards: only what is needed.
struct LogPosition {
  size_t file = 0;
  int64_t offset = 0;
};
LogPosition FindTail(const LogFiles& log, int64_t lines);

// Whether the path now names another file than `fd`: it was rotated.
bool WasRotated(const std::string& path, int fd);

// The place of the file `fd` among `log.files`; their number if it is gone.
size_t FindFile(const LogFiles& log, int fd);

// Reads whole lines from one file. A last line without its newline stays for
// later.
class LineReader {
 public:
  // Longest line: an escaped part of 16 KiB, with attributes.
  static constexpr size_t kMaxLine = 1 << 20;

  LineReader(int fd, int64_t offset) : fd_(fd), offset_(offset) {}

  // The next line without its newline, valid until the next call; false at
  // the present end.
  bool Next(absl::string_view& line);

  // Where the next line begins.
  int64_t position() const {
    return offset_ - static_cast<int64_t>(buffer_.size() - begin_);
  }

 private:
  bool Fill();

  const int fd_;
  int64_t offset_;  // of the first byte behind `buffer_`
  std::string buffer_;
  size_t begin_ = 0;
};

}  // namespace tug::runtimed
