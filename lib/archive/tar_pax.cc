// SPDX-License-Identifier: Apache-2.0
//
// The part of TarReader that reads extended headers (POSIX.1-2001 pax).
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/archive/tar_fields.h"
#include "lib/archive/tar_reader.h"
#include "lib/base/status_macros.h"

namespace tug::archive {
namespace {

constexpr absl::string_view kXattrPrefix = "SCHILY.xattr.";

// "12.5", "-3": seconds with an optional fraction.
absl::Status ParsePaxTime(absl::string_view text, TarEntry& entry) {
  const size_t dot = text.find('.');
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(text.substr(0, dot), &seconds)) {
    return MalformedTar("mtime is not a number");
  }
  int32_t nanoseconds = 0;
  if (dot != absl::string_view::npos) {
    std::string digits(text.substr(dot + 1, 9));
    digits.resize(9, '0');
    if (!std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) ||
        !absl::SimpleAtoi(digits, &nanoseconds)) {
      return MalformedTar("mtime has a malformed fraction");
    }
    if (absl::StartsWith(text, "-") && nanoseconds > 0) {
      --seconds;
      nanoseconds = 1000000000 - nanoseconds;
    }
  }
  entry.mtime_seconds = seconds;
  entry.mtime_nanoseconds = nanoseconds;
  return absl::OkStatus();
}

}  // namespace

absl::Status TarReader::ParsePax(absl::string_view records,
                                 Overrides& overrides) {
  while (!records.empty()) {
    const size_t space = records.find(' ');
    size_t size = 0;
    if (space == absl::string_view::npos ||
        !absl::SimpleAtoi(records.substr(0, space), &size) ||
        size <= space + 1 || size > records.size() ||
        records[size - 1] != '\n') {
      return MalformedTar("extended header record");
    }
    const absl::string_view record =
        records.substr(space + 1, size - space - 2);
    records.remove_prefix(size);
    RETURN_IF_ERROR(TakePaxRecord(record, overrides));
  }
  return absl::OkStatus();
}

// One "key=value".
absl::Status TarReader::TakePaxRecord(absl::string_view record,
                                      Overrides& overrides) {
  const size_t equals = record.find('=');
  if (equals == absl::string_view::npos || equals == 0) {
    return MalformedTar("extended header record without key");
  }
  const absl::string_view key = record.substr(0, equals);
  const absl::string_view value = record.substr(equals + 1);
  // GNU sparse 0.0 repeats its keys; all others count once, the last one.
  if (key == "GNU.sparse.offset") {
    ASSIGN_OR_RETURN(const int64_t offset, ParseTarDecimal(value, key));
    if (overrides.sparse_pairs.size() == kMaxExtents) {
      return MalformedTar("too many extents");
    }
    overrides.sparse_pairs.push_back({offset, 0});
  } else if (key == "GNU.sparse.numbytes") {
    ASSIGN_OR_RETURN(const int64_t length, ParseTarDecimal(value, key));
    if (overrides.sparse_pairs.empty()) return MalformedTar("sparse map");
    overrides.sparse_pairs.back().length = length;
  } else {
    overrides.pax[std::string(key)] = std::string(value);
    if (overrides.pax.size() > kMaxExtendedKeys) {
      return MalformedTar(absl::StrCat("more than ", kMaxExtendedKeys,
                                       " keys in extended headers"));
    }
  }
  return absl::OkStatus();
}

absl::Status TarReader::ApplyPax(const Overrides& overrides, TarEntry& entry) {
  for (const auto& [key, value] : overrides.pax) {
    if (key == "path") {
      entry.path = value;
    } else if (key == "linkpath") {
      entry.link_target = value;
    } else if (key == "size") {
      ASSIGN_OR_RETURN(entry.size, ParseTarDecimal(value, key));
    } else if (key == "uid") {
      ASSIGN_OR_RETURN(const int64_t id, ParseTarDecimal(value, key));
      ASSIGN_OR_RETURN(entry.uid, ParseTarId(id));
    } else if (key == "gid") {
      ASSIGN_OR_RETURN(const int64_t id, ParseTarDecimal(value, key));
      ASSIGN_OR_RETURN(entry.gid, ParseTarId(id));
    } else if (key == "mtime") {
      RETURN_IF_ERROR(ParsePaxTime(value, entry));
    } else if (absl::StartsWith(key, kXattrPrefix)) {
      entry.xattrs[key.substr(kXattrPrefix.size())] = value;
    }
  }
  // "path" is then a name for readers that know nothing of holes.
  const auto sparse_name = overrides.pax.find("GNU.sparse.name");
  if (sparse_name != overrides.pax.end()) entry.path = sparse_name->second;
  return absl::OkStatus();
}

}  // namespace tug::archive
