// SPDX-License-Identifier: Apache-2.0
//
// Docker's json-file lines, exactly: docs/formats/container-log.md. Pure; no
// allocation.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tug::runtimed {

// A line longer than this is written in parts, each without a newline but the
// last.
inline constexpr size_t kMaxLogPart = 16384;
// Longest "attrs" object.
inline constexpr size_t kMaxLogAttributes = 4096;
// Most bytes that one part can become: every byte as \u00XX, and the rest.
inline constexpr size_t kMaxEncodedPart =
    6 * (kMaxLogPart + 1) + kMaxLogAttributes + 128;

// "2026-11-24T06:04:03.12345Z": RFC 3339, UTC, trailing zeros cut, as Go's
// RFC3339Nano. `text` has room for kTimeTextSize bytes; answers the length.
inline constexpr size_t kTimeTextSize = 40;
size_t FormatLogTime(int64_t nanoseconds, char* text);

// Writes `size` bytes as the inside of a JSON string. `out` has room for six
// times as much. Answers the length.
size_t EscapeJson(const char* bytes, size_t size, char* out);

// Where encoded lines go. `Reserve` answers room for kMaxEncodedPart bytes,
// `Commit` takes what was written there. Not pure virtual: that alone would
// link the C++ runtime, which allocates at start, into the shim.
class LogSink {
 public:
  virtual char* Reserve() { return nullptr; }
  virtual void Commit(size_t size) {}

 protected:
  ~LogSink() = default;
};

// Cuts one stream of a container into lines.
class LogEncoder {
 public:
  // `stream`: "stdout" or "stderr"; `attributes`: JSON object or "". Both and
  // the sink outlive the encoder.
  void Open(LogSink* sink, const char* stream, const char* attributes);

  // Takes output that arrived at `time` (nanoseconds since 1970).
  void Feed(const char* bytes, size_t size, int64_t time);

  // What has no newline yet, as it came.
  const char* Unfinished(size_t* size) const {
    *size = pending_size_;
    return pending_;
  }
  // Writes what has no newline yet.
  void Finish(int64_t time);

 private:
  void Emit(const char* bytes, size_t size, bool newline, int64_t time);
  void EmitPart(const char* bytes, size_t size, int64_t time);

  LogSink* sink_ = nullptr;
  // Everything of a line between the text and the time.
  char middle_[kMaxLogAttributes + 64];
  size_t middle_size_ = 0;
  char pending_[kMaxLogPart];
  size_t pending_size_ = 0;
  // Time of the first part of a long line, which all its parts have; 0: none.
  int64_t part_time_ = 0;
  // The last time that was formatted.
  int64_t text_time_ = -1;
  char text_[kTimeTextSize];
  size_t text_size_ = 0;
};

}  // namespace tug::runtimed
