// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "lib/sys/unique_fd.h"
#include "services/runtimed/shim/log_encoder.h"

namespace tug::runtimed {

// Appends a container's output to its log file. A write that fails (a full
// disk) loses lines, which are counted, but never a part of one, and never
// stops the container.
class LogWriter : private LogSink {
 public:
  // 0 or -errno. `max_size` 0: never full.
  long Open(const char* path, const char* attributes, uint64_t max_size);
  bool is_open() const { return file_.valid(); }

  // Takes output of stream 1 or 2.
  void Write(int stream, const char* bytes, size_t size, int64_t time);
  // Writes the unfinished last line of a stream that has ended.
  void Finish(int stream, int64_t time);
  // Hands everything to the kernel. Call after Write and Finish.
  void Flush();

  // Goes on in another file, opened for appending.
  void Rotate(UniqueFd file);

  // Of the file, in bytes; whole lines only. After a Flush.
  uint64_t size() const { return size_; }
  // Output of stream 1 or 2 that is in no line of the file yet.
  const char* Unfinished(int stream, size_t* size) const {
    return encoders_[stream - 1].Unfinished(size);
  }

  // Whether the file has reached its size.
  bool full() const { return max_size_ != 0 && size_ >= max_size_; }
  // The same, but true once per file.
  bool TakeFull();
  // The last error and all lines lost so far; false if there is nothing new.
  bool TakeError(int* error, uint64_t* lost_lines);

 private:
  char* Reserve() override;
  void Commit(size_t size) override;
  void Adopt(UniqueFd file);
  void Lose(size_t written, int error);

  UniqueFd file_;
  // Length of what is known to be whole lines.
  uint64_t size_ = 0;
  uint64_t max_size_ = 0;
  bool full_told_ = false;
  int error_ = 0;
  uint64_t lost_lines_ = 0;
  size_t used_ = 0;
  LogEncoder encoders_[2];
  char buffer_[4 * kMaxEncodedPart];
};

}  // namespace tug::runtimed
