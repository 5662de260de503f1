// SPDX-License-Identifier: Apache-2.0
#include "services/tree/spool/spool_reader.h"

#include <algorithm>
#include <limits>

#include "lib/archive/tar_limits.h"
#include "lib/base/status_macros.h"

namespace tug::tree {
namespace {

absl::Status Malformed() {
  return absl::InvalidArgumentError("malformed stream of tug-tree");
}

}  // namespace

absl::Status SpoolReader::ReadExact(char* buffer, size_t size) {
  while (size > 0) {
    ASSIGN_OR_RETURN(const size_t count, source_.Read(buffer, size));
    if (count == 0) return Malformed();
    buffer += count;
    size -= count;
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> SpoolReader::ReadNumber() {
  unsigned char bytes[8];
  RETURN_IF_ERROR(ReadExact(reinterpret_cast<char*>(bytes), sizeof(bytes)));
  uint64_t number = 0;
  for (int i = 7; i >= 0; --i) number = number << 8 | bytes[i];
  return number;
}

absl::StatusOr<std::string> SpoolReader::ReadName() {
  ASSIGN_OR_RETURN(const uint64_t size, ReadNumber());
  if (size > archive::kMaxPathSize || !TakeSpoolName(size, names_)) {
    return Malformed();
  }
  std::string name(size, '\0');
  RETURN_IF_ERROR(ReadExact(name.data(), name.size()));
  return name;
}

absl::Status SpoolReader::SkipContent() {
  char buffer[16 << 10];
  while (left_ > 0) {
    ASSIGN_OR_RETURN(const size_t count, Read(buffer, sizeof(buffer)));
    if (count == 0) return Malformed();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<SpoolReader::Entry>> SpoolReader::Next() {
  RETURN_IF_ERROR(SkipContent());
  char kind = 0;
  RETURN_IF_ERROR(ReadExact(&kind, 1));
  if (kind == kSpoolEnd) {
    // What the process has to say comes with the source's end.
    ASSIGN_OR_RETURN(const size_t more, source_.Read(&kind, 1));
    if (more != 0) return Malformed();
    return std::nullopt;
  }
  if (kind != kSpoolFile && kind != kSpoolLink) return Malformed();
  Entry entry;
  entry.is_link = kind == kSpoolLink;
  ASSIGN_OR_RETURN(const uint64_t number, ReadNumber());
  ASSIGN_OR_RETURN(entry.path, ReadName());
  if (entry.is_link) {
    if (number > archive::kMaxPathSize || !TakeSpoolName(number, names_)) {
      return Malformed();
    }
    entry.link_target.resize(number);
    RETURN_IF_ERROR(ReadExact(entry.link_target.data(), number));
    return entry;
  }
  if (number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
    return Malformed();
  entry.size = left_ = static_cast<int64_t>(number);
  return entry;
}

absl::StatusOr<size_t> SpoolReader::Read(char* buffer, size_t size) {
  if (left_ == 0) return 0;
  const size_t wanted =
      static_cast<size_t>(std::min<int64_t>(left_, static_cast<int64_t>(size)));
  ASSIGN_OR_RETURN(const size_t count, source_.Read(buffer, wanted));
  if (count == 0) return Malformed();
  left_ -= static_cast<int64_t>(count);
  return count;
}

}  // namespace tug::tree
