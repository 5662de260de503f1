// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/layers/older_record.h"

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "services/tree/report/report.h"

namespace tug::imaged {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// "repeated string implicit = 11", which is reserved today.
constexpr int kImplicitField = 11;
constexpr uint32_t kImplicitTag =
    kImplicitField << 3 | WireFormatLite::WIRETYPE_LENGTH_DELIMITED;

absl::Status Damaged() {
  return absl::DataLossError("damaged record of a layer");
}

// Skips the text of one list element, or takes it into `list` as long as that
// stays within the budget; once it does not, the list is dropped.
bool TakeText(CodedInputStream& stream, v1::ImplicitDirectories& list,
              ByteBudget& budget) {
  uint32_t size = 0;
  if (!stream.ReadVarint32(&size)) return false;
  const size_t cost = size + tree::kReportRecordCost;
  // Counted also when it is too much, so that nothing fits any more.
  budget.Take(cost);
  if (budget.exceeded()) {
    list.Clear();
    return stream.Skip(static_cast<int>(size));
  }
  return stream.ReadString(list.add_paths(), static_cast<int>(size));
}

}  // namespace

absl::StatusOr<OlderRecord> SplitOlderRecord(absl::string_view value) {
  OlderRecord record;
  CodedInputStream stream(reinterpret_cast<const uint8_t*>(value.data()),
                          static_cast<int>(value.size()));
  ByteBudget budget(tree::ReportBounds(tree::kMaxReportBytes));
  while (true) {
    const int begin = stream.CurrentPosition();
    const uint32_t tag = stream.ReadTag();
    if (tag == 0) break;
    if (tag == kImplicitTag) {
      record.found = true;
      if (!TakeText(stream, record.implicit, budget)) return Damaged();
      continue;
    }
    if (!WireFormatLite::SkipField(&stream, tag)) return Damaged();
    const int end = stream.CurrentPosition();
    record.rest.append(value.data() + begin, static_cast<size_t>(end - begin));
  }
  if (stream.CurrentPosition() != static_cast<int>(value.size())) {
    return Damaged();
  }
  return record;
}

}  // namespace tug::imaged
