// SPDX-License-Identifier: Apache-2.0
//
// What tug-unpack tells its parent, as records on a pipe: one byte kind, four
// bytes length (little endian), then the text. The parent trusts none of it
// beyond these bounds.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/archive/stream.h"

namespace tug::imaged {

// Longest text of a record; most records of one unpacking.
inline constexpr size_t kMaxReportText = 8 << 10;
inline constexpr size_t kMaxReportRecords = 1 << 20;

enum class ReportKind : char {
  kOpaque = 'O',    // Path of a directory that hides lower content.
  kImplicit = 'I',  // Path of a directory made without an entry of its own.
  kHint = 'H',      // To the unpacker; see base_hint.h.
  kRoot = 'R',      // The archive sets the root directory's attributes.
  kDone = 'D',      // "<sha256 hex> <bytes on disk>"
  kError = 'E',     // "<canonical code> <message>"
};

// Buffers records and writes them in larger pieces. Not thread-safe.
class ReportWriter {
 public:
  // Borrows the sink.
  explicit ReportWriter(archive::Sink& sink) : sink_(sink) {}
  // INVALID_ARGUMENT past the limits.
  absl::Status Add(ReportKind kind, absl::string_view text);
  absl::Status Flush();

 private:
  archive::Sink& sink_;
  std::string buffer_;
  size_t count_ = 0;
};

// Reads records from a pipe. Not thread-safe.
class ReportReader {
 public:
  explicit ReportReader(int fd) : source_(fd) {}
  struct Record {
    ReportKind kind;
    std::string text;
  };
  // OUT_OF_RANGE at the end; INVALID_ARGUMENT for anything malformed.
  absl::StatusOr<Record> Next();

 private:
  absl::Status Fill(size_t size);
  archive::FdSource source_;
  std::string buffer_;
  size_t count_ = 0;
};

}  // namespace tug::imaged
