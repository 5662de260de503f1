// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::archive {

// Bytes that are pulled. Not thread-safe.
class Source {
 public:
  virtual ~Source() = default;
  // Reads at most `size` (> 0) bytes into `buffer`; 0 only at the end. After a
  // failure nothing more may be read.
  virtual absl::StatusOr<size_t> Read(char* buffer, size_t size) = 0;
};

// Bytes that are pushed. Not thread-safe.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual absl::Status Write(absl::string_view bytes) = 0;
};

// Reads a file, pipe or socket that the caller owns. With `cancelled`, a wait
// for bytes ends with CANCELLED soon after it answers true.
class FdSource final : public Source {
 public:
  explicit FdSource(int fd, std::function<bool()> cancelled = {})
      : fd_(fd), cancelled_(std::move(cancelled)) {}
  absl::StatusOr<size_t> Read(char* buffer, size_t size) override;

 private:
  absl::Status Wait();
  const int fd_;
  const std::function<bool()> cancelled_;
};

// Writes all to a file, pipe or socket that the caller owns. A peer that has
// closed its end gives CANCELLED (EPIPE). SIGPIPE must be ignored.
class FdSink final : public Sink {
 public:
  explicit FdSink(int fd, std::function<bool()> cancelled = {})
      : fd_(fd), cancelled_(std::move(cancelled)) {}
  absl::Status Write(absl::string_view bytes) override;

 private:
  absl::Status Wait();
  const int fd_;
  const std::function<bool()> cancelled_;
};

// Reads bytes that outlive it.
class MemorySource final : public Source {
 public:
  explicit MemorySource(absl::string_view bytes) : rest_(bytes) {}
  absl::StatusOr<size_t> Read(char* buffer, size_t size) override;

 private:
  absl::string_view rest_;
};

// Collects bytes, for small documents and tests.
class StringSink final : public Sink {
 public:
  absl::Status Write(absl::string_view bytes) override {
    text.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  }
  std::string text;
};

// Reads all; RESOURCE_EXHAUSTED past `limit` bytes.
absl::StatusOr<std::string> ReadAll(Source& source, size_t limit);

// Moves all; answers the bytes moved.
absl::StatusOr<int64_t> Copy(Source& source, Sink& sink);

}  // namespace tug::archive
