// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/logs/log_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "absl/strings/str_cat.h"

namespace tug::runtimed {
namespace {

constexpr size_t kBlock = 64 << 10;
// Rotated files are numbered from 1; the option's limit.
constexpr int kMaxRotated = 1000;

UniqueFd Open(const std::string& path) {
  return UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
}

int64_t SizeOf(int fd) {
  struct stat info = {};
  return fstat(fd, &info) == 0 ? info.st_size : 0;
}

// Counts newlines of one file backwards until `wanted` are found; answers the
// offset behind that newline, or -1 and the number still wanted.
int64_t ScanBack(int fd, int64_t& wanted) {
  int64_t end = SizeOf(fd);
  std::string block(kBlock, '\0');
  while (end > 0) {
    const auto size =
        static_cast<size_t>(std::min<int64_t>(end, int64_t{kBlock}));
    const int64_t start = end - static_cast<int64_t>(size);
    const ssize_t got = pread(fd, block.data(), size, start);
    if (got <= 0) return -1;
    for (auto i = static_cast<int64_t>(got) - 1; i >= 0; --i) {
      if (block[static_cast<size_t>(i)] != '\n') continue;
      // The newline that ends the first line too many.
      if (wanted == 0) return start + i + 1;
      --wanted;
    }
    end = start;
  }
  return -1;
}

}  // namespace

std::string NextLogPath(const std::string& path) { return path + ".new"; }

void FinishRotation(const std::string& path, int max_files) {
  const std::string next = NextLogPath(path);
  if (access(next.c_str(), F_OK) != 0) return;
  // Missing files are no error: there were fewer so far.
  for (int i = max_files - 1; i > 1; --i) {
    rename(absl::StrCat(path, ".", i - 1).c_str(),
           absl::StrCat(path, ".", i).c_str());
  }
  if (max_files > 1) rename(path.c_str(), absl::StrCat(path, ".1").c_str());
  rename(next.c_str(), path.c_str());
}

LogFiles OpenLogFiles(const std::string& path) {
  LogFiles log;
  for (int i = 1; i < kMaxRotated; ++i) {
    UniqueFd file = Open(absl::StrCat(path, ".", i));
    if (!file) break;
    log.files.push_back(std::move(file));
  }
  std::reverse(log.files.begin(), log.files.end());
  UniqueFd current = Open(path);
  if (current) log.files.push_back(std::move(current));
  return log;
}

LogEnd FindLogEnd(const std::string& path) {
  struct stat info = {};
  if (path.empty() || stat(path.c_str(), &info) != 0) return {};
  return {info.st_ino, info.st_size};
}

LogPosition FindTail(const LogFiles& log, int64_t lines) {
  LogPosition position;
  if (log.files.empty()) return position;
  if (lines <= 0) {
    position.file = log.files.size() - 1;
    position.offset = SizeOf(log.files.back().get());
    return position;
  }
  int64_t wanted = lines;
  for (size_t i = log.files.size(); i-- > 0;) {
    const int64_t offset = ScanBack(log.files[i].get(), wanted);
    if (offset >= 0) return {i, offset};
    // All of this file, and the line that ends at its beginning is complete.
    if (wanted == 0) return {i, 0};
  }
  return position;
}

bool WasRotated(const std::string& path, int fd) {
  struct stat named = {};
  struct stat open_file = {};
  if (stat(path.c_str(), &named) != 0 || fstat(fd, &open_file) != 0) {
    return false;
  }
  return named.st_ino != open_file.st_ino || named.st_dev != open_file.st_dev;
}

size_t FindFile(const LogFiles& log, int fd) {
  struct stat wanted = {};
  if (fstat(fd, &wanted) != 0) return log.files.size();
  for (size_t i = 0; i < log.files.size(); ++i) {
    struct stat info = {};
    if (fstat(log.files[i].get(), &info) == 0 && info.st_ino == wanted.st_ino &&
        info.st_dev == wanted.st_dev) {
      return i;
    }
  }
  return log.files.size();
}

bool LineReader::Fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  // Longer than any line that the shim writes: not ours, skipped.
  if (buffer_.size() > kMaxLine) buffer_.clear();
  const size_t before = buffer_.size();
  buffer_.resize(before + kBlock);
  ssize_t got = -1;
  do {
    got = pread(fd_, buffer_.data() + before, kBlock, offset_);
  } while (got == -1 && errno == EINTR);
  buffer_.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  if (got > 0) offset_ += got;
  // Readers that wait for more are many.
  if (got <= 0) buffer_.shrink_to_fit();
  return got > 0;
}

bool LineReader::Next(absl::string_view& line) {
  size_t searched = begin_;
  for (;;) {
    const size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      line = absl::string_view(buffer_).substr(begin_, end - begin_);
      begin_ = end + 1;
      return true;
    }
    // Fill moves what is left to the front.
    const size_t left = buffer_.size() - begin_;
    if (!Fill()) return false;
    searched = left <= kMaxLine ? left : 0;
  }
}

}  // namespace tug::runtimed
