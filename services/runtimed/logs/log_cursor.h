// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/sys/unique_fd.h"
#include "services/runtimed/containers/exit_watch.h"
#include "services/runtimed/containers/operation_locks.h"
#include "services/runtimed/logs/log_files.h"

namespace tug::runtimed {

// A place in a container's log, which moves over its files, also over those
// that take the place of the newest one.
//
// Not thread-safe.
class LogCursor {
 public:
  // Which log: its locks (of Runtime::log_locks), the container and the path.
  struct Log {
    OperationLocks& locks;
    std::string id;
    std::string path;
    int max_files;
  };

  // At the beginning, or where the last `tail` lines begin.
  LogCursor(Log log, std::optional<int64_t> tail);

  // The next whole line, valid until the next call; false at the present end,
  // where there may be more later.
  bool Next(absl::string_view& line);

  // Lines from there on are not read any more.
  void EndAt(LogEnd end) { end_ = end; }

  // Bytes of the newest file up to here; 0 where there is none.
  int64_t position() const;

 private:
  // Goes on in the file after the present one; false if there is none.
  bool Advance();
  void Open(UniqueFd file, int64_t offset);
  bool AtEnd() const;

  const Log log_;
  // Files behind the present one, as they were at the beginning.
  std::vector<UniqueFd> later_;
  UniqueFd file_;
  uint64_t inode_ = 0;
  std::unique_ptr<LineReader> reader_;
  // The present file is the log's no more: what it holds now is all.
  bool rotated_ = false;
  LogEnd end_;
};

}  // namespace tug::runtimed
