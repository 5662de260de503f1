// SPDX-License-Identifier: Apache-2.0
//
// What tug-tree tells its parent, as records on a pipe: one byte kind, four
// bytes length (little endian), then the text. The parent trusts none of it
// beyond these bounds.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/archive/stream.h"
#include "lib/base/byte_budget.h"

namespace tug::tree {

// Longest text of a record.
inline constexpr size_t kMaxReportText = 8 << 10;

// Most bytes that one report may come to, whatever it is made of: archives
// name their own paths, so a count of records would bound nothing. A record
// counts as its text and what keeping it in memory takes besides.
inline constexpr size_t kMaxReportBytes = 4 << 20;
inline constexpr size_t kReportRecordCost = 48;

constexpr Bounds ReportBounds(size_t bytes) {
  return {.count = bytes / kReportRecordCost, .bytes = bytes};
}

enum class ReportKind : char {
  kOpaque = 'O',    // Path of a directory that hides lower content.
  kImplicit = 'I',  // Path of a directory made without an entry of its own.
  kHint = 'H',      // To tug-tree; see apply/base_hint.h.
  kRoot = 'R',      // The archive sets the root directory's attributes.
  kDone = 'D',      // "<sha256 hex> <bytes on disk>" of a layer, else a count.
  kError = 'E',     // "<canonical code> <message>"
};

// Buffers records and writes them in larger pieces. Not thread-safe.
class ReportWriter {
 public:
  // Borrows the sink.
  explicit ReportWriter(archive::Sink& sink, size_t max_bytes = kMaxReportBytes)
      : sink_(sink), budget_(ReportBounds(max_bytes)) {}
  // INVALID_ARGUMENT past the limits. How it ended can always be told.
  absl::Status Add(ReportKind kind, absl::string_view text);
  absl::Status Flush();

 private:
  archive::Sink& sink_;
  std::string buffer_;
  ByteBudget budget_;
};

// Reads records from a pipe. Not thread-safe.
class ReportReader {
 public:
  explicit ReportReader(int fd, size_t max_bytes = kMaxReportBytes,
                        std::function<bool()> cancelled = {})
      : source_(fd, std::move(cancelled)), budget_(ReportBounds(max_bytes)) {}
  struct Record {
    ReportKind kind;
    std::string text;
  };
  // OUT_OF_RANGE at the end; INVALID_ARGUMENT for anything malformed;
  // CANCELLED.
  absl::StatusOr<Record> Next();

 private:
  absl::Status Fill(size_t size);
  archive::FdSource source_;
  std::string buffer_;
  ByteBudget budget_;
};

}  // namespace tug::tree
