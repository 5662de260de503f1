// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shim/log_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace tug::runtimed {
namespace {

constexpr mode_t kLogMode = 0640;

}  // namespace

long LogWriter::Open(const char* path, const char* attributes,
                     uint64_t max_size) {
  UniqueFd file(
      open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kLogMode));
  if (!file) return -errno;
  max_size_ = max_size;
  encoders_[0].Open(this, "stdout", attributes);
  encoders_[1].Open(this, "stderr", attributes);
  Adopt(std::move(file));
  return 0;
}

void LogWriter::Adopt(UniqueFd file) {
  struct stat status = {};
  size_ = fstat(file.get(), &status) == 0
              ? static_cast<uint64_t>(status.st_size)
              : 0;
  file_ = std::move(file);
  full_told_ = false;
}

void LogWriter::Write(int stream, const char* bytes, size_t size,
                      int64_t time) {
  if (is_open()) encoders_[stream - 1].Feed(bytes, size, time);
}

void LogWriter::Finish(int stream, int64_t time) {
  if (is_open()) encoders_[stream - 1].Finish(time);
}

char* LogWriter::Reserve() {
  if (sizeof(buffer_) - used_ < kMaxEncodedPart) Flush();
  return buffer_ + used_;
}

void LogWriter::Commit(size_t size) { used_ += size; }

void LogWriter::Flush() {
  size_t done = 0;
  while (done < used_) {
    const ssize_t count = write(file_.get(), buffer_ + done, used_ - done);
    if (count > 0) {
      done += static_cast<size_t>(count);
    } else if (count == -1 && errno != EINTR) {
      Lose(done, errno);
      break;
    }
  }
  if (done == used_) size_ += used_;
  used_ = 0;
}

// Of the `written` bytes, keeps the whole lines, cuts off a part of one, and
// counts the rest as lost.
void LogWriter::Lose(size_t written, int error) {
  error_ = error;
  const uint64_t end = size_ + written;
  size_t begin = written;
  while (begin > 0 && buffer_[begin - 1] != '\n') --begin;
  size_ += begin;
  // If even this fails, or the shim of the container's next start has written
  // already, the reader skips the broken line.
  struct stat status = {};
  if (fstat(file_.get(), &status) != 0 ||
      static_cast<uint64_t>(status.st_size) != end ||
      ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) {
    size_ = end;
  }
  for (size_t i = begin; i < used_; ++i) {
    if (buffer_[i] == '\n') ++lost_lines_;
  }
}

void LogWriter::Rotate(UniqueFd file) {
  if (!is_open()) return;
  Flush();
  Adopt(std::move(file));
}

bool LogWriter::TakeFull() {
  if (!full() || full_told_) return false;
  full_told_ = true;
  return true;
}

bool LogWriter::TakeError(int* error, uint64_t* lost_lines) {
  if (error_ == 0) return false;
  *error = error_;
  *lost_lines = lost_lines_;
  error_ = 0;
  return true;
}

}  // namespace tug::runtimed
