// SPDX-License-Identifier: Apache-2.0
#include "services/tree/report/report.h"

#include "lib/base/status_macros.h"

namespace tug::tree {
namespace {

constexpr size_t kHeaderSize = 5;
constexpr size_t kFlushSize = 32 << 10;

// Whether a record still fits; the last words always do, so that a report that
// ran into its limit can say so.
bool Charge(ReportKind kind, size_t text, ByteBudget& budget) {
  return kind == ReportKind::kDone || kind == ReportKind::kError ||
         budget.TryTake(text + kReportRecordCost);
}

absl::Status Malformed() {
  return absl::InvalidArgumentError("malformed report of tug-tree");
}

}  // namespace

absl::Status ReportWriter::Add(ReportKind kind, absl::string_view text) {
  if (text.size() > kMaxReportText || !Charge(kind, text.size(), budget_)) {
    return absl::InvalidArgumentError(
        "too many opaque or unlisted directories, or too long paths of them");
  }
  buffer_.push_back(static_cast<char>(kind));
  for (int shift = 0; shift < 32; shift += 8) {
    buffer_.push_back(static_cast<char>(text.size() >> shift & 0xff));
  }
  buffer_.append(text.data(), text.size());
  return buffer_.size() >= kFlushSize ? Flush() : absl::OkStatus();
}

absl::Status ReportWriter::Flush() {
  RETURN_IF_ERROR(sink_.Write(buffer_));
  buffer_.clear();
  return absl::OkStatus();
}

absl::Status ReportReader::Fill(size_t size) {
  char chunk[16 << 10];
  while (buffer_.size() < size) {
    ASSIGN_OR_RETURN(const size_t count, source_.Read(chunk, sizeof(chunk)));
    if (count == 0) return Malformed();
    buffer_.append(chunk, count);
  }
  return absl::OkStatus();
}

absl::StatusOr<ReportReader::Record> ReportReader::Next() {
  if (buffer_.empty()) {
    char chunk[16 << 10];
    ASSIGN_OR_RETURN(const size_t count, source_.Read(chunk, sizeof(chunk)));
    if (count == 0) return absl::OutOfRangeError("end of report");
    buffer_.assign(chunk, count);
  }
  RETURN_IF_ERROR(Fill(kHeaderSize));
  size_t size = 0;
  for (int i = 0; i < 4; ++i) {
    size |= static_cast<size_t>(static_cast<unsigned char>(buffer_[1 + i]))
            << (8 * i);
  }
  const auto kind = static_cast<ReportKind>(buffer_[0]);
  if (size > kMaxReportText || !Charge(kind, size, budget_)) return Malformed();
  RETURN_IF_ERROR(Fill(kHeaderSize + size));
  Record record{kind, buffer_.substr(kHeaderSize, size)};
  buffer_.erase(0, kHeaderSize + size);
  return record;
}

}  // namespace tug::tree
