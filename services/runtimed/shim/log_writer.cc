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
  buffer_[0] = '\n';
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
  torn_ = 0;
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
  if (used_ == kHead) return;
  const size_t begin = torn_ == 0 ? kHead : 0;
  size_t done = begin;
  while (done < used_) {
    const ssize_t count = write(file_.get(), buffer_ + done, used_ - done);
    if (count > 0) {
      done += static_cast<size_t>(count);
    } else if (count == -1 && errno != EINTR) {
      Lose(begin, done, errno);
      break;
    }
  }
  if (done == used_) {
    size_ += torn_ + (done - begin);
    torn_ = 0;
  }
  used_ = kHead;
}

// Of the buffer, [begin, end) was written. Lines that are not whole are lost.
void LogWriter::Lose(size_t begin, size_t end, int error) {
  error_ = error;
  size_t whole = end;
  while (whole > begin && buffer_[whole - 1] != '\n') --whole;
  if (whole > begin) {
    size_ += torn_ + (whole - begin);
    torn_ = 0;
  }
  torn_ += end - whole;
  for (size_t i = whole < kHead ? kHead : whole; i < used_; ++i) {
    if (buffer_[i] == '\n') ++lost_lines_;
  }
}

uint64_t LogWriter::SizeOnDisk() const {
  struct stat status = {};
  if (fstat(file_.get(), &status) != 0) return 0;
  const auto size = static_cast<uint64_t>(status.st_size);
  return size < torn_ ? 0 : size - torn_;
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
