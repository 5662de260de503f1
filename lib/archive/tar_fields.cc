// SPDX-License-Identifier: Apache-2.0
#include "lib/archive/tar_fields.h"

#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace tug::archive {
namespace {

absl::Status MalformedNumber(absl::string_view field) {
  return MalformedTar(absl::StrCat("number \"", absl::CHexEscape(field), "\""));
}

absl::StatusOr<int64_t> ParseBase256(absl::string_view field) {
  const bool negative = (field[0] & 0x40) != 0;
  uint64_t value = negative ? ~uint64_t{0} : 0;
  for (size_t i = 0; i < field.size(); ++i) {
    unsigned char byte = static_cast<unsigned char>(field[i]);
    if (i == 0) {
      byte = static_cast<unsigned char>(negative ? byte | 0x80 : byte & 0x7f);
    }
    // Only sign bits may be shifted out.
    const uint64_t top = value >> 55;
    if (top != (negative ? uint64_t{0x1ff} : 0)) return MalformedNumber(field);
    value = (value << 8) | byte;
  }
  return static_cast<int64_t>(value);
}

}  // namespace

absl::Status MalformedTar(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("malformed tar: ", why));
}

absl::StatusOr<uint32_t> ParseTarId(int64_t value) {
  if (value < 0 || value >= std::numeric_limits<uint32_t>::max()) {
    return MalformedTar(absl::StrCat("user or group id ", value));
  }
  return static_cast<uint32_t>(value);
}

absl::StatusOr<int64_t> ParseTarDecimal(absl::string_view text,
                                        absl::string_view what) {
  int64_t value = 0;
  if (!absl::SimpleAtoi(text, &value) || value < 0) {
    return MalformedTar(absl::StrCat(what, " is not a number"));
  }
  return value;
}

absl::StatusOr<int64_t> ParseTarNumber(absl::string_view field) {
  if (!field.empty() && (field[0] & 0x80) != 0) return ParseBase256(field);
  const absl::string_view whole = field;
  while (!field.empty() && (field.front() == ' ' || field.front() == '\0')) {
    field.remove_prefix(1);
  }
  int64_t value = 0;
  while (!field.empty() && field.front() >= '0' && field.front() <= '7') {
    if (value > std::numeric_limits<int64_t>::max() >> 3) {
      return MalformedNumber(whole);
    }
    value = (value << 3) | (field.front() - '0');
    field.remove_prefix(1);
  }
  if (field.find_first_not_of(absl::string_view(" \0", 2)) !=
      absl::string_view::npos) {
    // Bytes behind the terminator are not looked at by any reader.
    if (field.front() != ' ' && field.front() != '\0')
      return MalformedNumber(whole);
  }
  return value;
}

bool IsPosixTar(absl::string_view header) {
  return header.substr(kTarMagic.offset, 6) == absl::string_view("ustar\0", 6);
}

}  // namespace tug::archive
