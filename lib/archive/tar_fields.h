// SPDX-License-Identifier: Apache-2.0
//
// Where the fields of a tar header stand (POSIX.1-1988 ustar; GNU's sparse).
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::archive {

struct TarField {
  size_t offset;
  size_t size;
};

inline constexpr TarField kTarName = {0, 100};
inline constexpr TarField kTarMode = {100, 8};
inline constexpr TarField kTarUid = {108, 8};
inline constexpr TarField kTarGid = {116, 8};
inline constexpr TarField kTarSize = {124, 12};
inline constexpr TarField kTarMtime = {136, 12};
inline constexpr TarField kTarChecksum = {148, 8};
inline constexpr TarField kTarType = {156, 1};
inline constexpr TarField kTarLinkName = {157, 100};
inline constexpr TarField kTarMagic = {257, 8};
inline constexpr TarField kTarMajor = {329, 8};
inline constexpr TarField kTarMinor = {337, 8};
inline constexpr TarField kTarPrefix = {345, 155};
// GNU only.
inline constexpr TarField kTarOldSparse = {386, 96};
inline constexpr TarField kTarOldSparseMore = {482, 1};
inline constexpr TarField kTarOldRealSize = {483, 12};

// Everything stands in blocks of this size.
inline constexpr size_t kTarBlock = 512;

inline absl::string_view TarFieldOf(absl::string_view header,
                                    const TarField& field) {
  return header.substr(field.offset, field.size);
}

// INVALID_ARGUMENT, "malformed tar: ...".
absl::Status MalformedTar(absl::string_view why);

// A user or group id; the last value, which chown(2) ignores, is refused.
absl::StatusOr<uint32_t> ParseTarId(int64_t value);

// A decimal number of an extended header, not negative.
absl::StatusOr<int64_t> ParseTarDecimal(absl::string_view text,
                                        absl::string_view what);

// Octal, or base 256 when the first bit is set; empty is 0.
// INVALID_ARGUMENT for anything else and for overflow.
absl::StatusOr<int64_t> ParseTarNumber(absl::string_view field);

// Whether the header is POSIX ustar or pax, so that `kTarPrefix` counts.
bool IsPosixTar(absl::string_view header);

}  // namespace tug::archive
