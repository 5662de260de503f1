// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "lib/sys/unique_fd.h"
#include "services/runtimed/shim/log_encoder.h"

namespace tug::runtimed {

// Appends a container's output to its log file. A write that fails (a full
// disk) loses lines, which are counted, and never stops the container. A part
// of a line that was written is ended before the next one, and readers skip it.
// It is not cut off: while clients are slow to read its last output, the shim
// of an earlier start may still append to the same file, and the cut would
// take its lines along.
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

  // Of the file, in bytes, with what others have appended; whole lines only.
  // After a Flush.
  uint64_t SizeOnDisk() const;
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
  void Lose(size_t begin, size_t end, int error);

  UniqueFd file_;
  // What was there when it was opened, and what was written since, without
  // `torn_`.
  uint64_t size_ = 0;
  // Bytes of a line at the end whose rest could not be written.
  uint64_t torn_ = 0;
  uint64_t max_size_ = 0;
  bool full_told_ = false;
  int error_ = 0;
  uint64_t lost_lines_ = 0;
  // The first byte is the newline that ends a torn line.
  static constexpr size_t kHead = 1;
  size_t used_ = kHead;
  LogEncoder encoders_[2];
  char buffer_[kHead + 4 * kMaxEncodedPart];
};

}  // namespace tug::runtimed
