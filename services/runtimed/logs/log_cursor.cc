// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/logs/log_cursor.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace tug::runtimed {

LogCursor::LogCursor(Log log, std::optional<int64_t> tail)
    : log_(std::move(log)) {
  LogFiles files;
  {
    const OperationLocks::Held held(log_.locks, log_.id);
    FinishRotation(log_.path, log_.max_files);
    files = OpenLogFiles(log_.path);
  }
  if (files.files.empty()) return;
  LogPosition at;
  if (tail.has_value()) at = FindTail(files, *tail);
  Open(std::move(files.files[at.file]), at.offset);
  for (size_t i = at.file + 1; i < files.files.size(); ++i) {
    later_.push_back(std::move(files.files[i]));
  }
  std::reverse(later_.begin(), later_.end());
}

void LogCursor::Open(UniqueFd file, int64_t offset) {
  struct stat info = {};
  inode_ = fstat(file.get(), &info) == 0 ? info.st_ino : 0;
  file_ = std::move(file);
  reader_ = std::make_unique<LineReader>(file_.get(), offset);
  rotated_ = false;
}

bool LogCursor::AtEnd() const {
  return end_.inode != 0 && end_.inode == inode_ &&
         reader_->position() >= end_.size;
}

bool LogCursor::Next(absl::string_view& line) {
  for (;;) {
    if (file_.valid()) {
      if (AtEnd()) return false;
      if (reader_->Next(line)) return true;
      const bool newest = later_.empty() && !rotated_;
      if (newest && end_.inode == inode_ && end_.inode != 0) return false;
      if (newest) {
        rotated_ = WasRotated(log_.path, file_.get());
        if (!rotated_) return false;
        // Once more: what was written until the rotation is read, too.
        continue;
      }
    }
    if (!Advance()) return false;
  }
}

bool LogCursor::Advance() {
  if (!later_.empty()) {
    UniqueFd next = std::move(later_.back());
    later_.pop_back();
    Open(std::move(next), 0);
    return true;
  }
  UniqueFd next;
  {
    const OperationLocks::Held held(log_.locks, log_.id);
    LogFiles now = OpenLogFiles(log_.path);
    // If the present file has been removed meanwhile, the oldest there is.
    const size_t own =
        file_.valid() ? FindFile(now, file_.get()) : now.files.size();
    const size_t at = own == now.files.size() ? 0 : own + 1;
    if (at < now.files.size()) next = std::move(now.files[at]);
  }
  if (!next) return false;
  Open(std::move(next), 0);
  return true;
}

int64_t LogCursor::position() const {
  return file_.valid() ? reader_->position() : 0;
}

}  // namespace tug::runtimed
