// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/volumes/volume_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace tug::volumed {
namespace {

absl::Status Invalid(absl::string_view message, absl::string_view name) {
  absl::Status status =
      WithReason(absl::InvalidArgumentError(message), "VOLUME_NAME_INVALID");
  return WithMetadata(std::move(status), "name", name);
}

}  // namespace

absl::Status CheckVolumeName(absl::string_view name) {
  if (name.size() < 2) {
    return Invalid(
        "volume name is too short, names should be at least two alphanumeric "
        "characters",
        name);
  }
  if (name.size() > kMaxVolumeName) {
    return Invalid(absl::StrCat("volume name is longer than ", kMaxVolumeName,
                                " characters"),
                   name.substr(0, kMaxVolumeName));
  }
  const bool valid =
      absl::ascii_isalnum(static_cast<unsigned char>(name[0])) &&
      std::all_of(name.begin(), name.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
               c == '.' || c == '-';
      });
  if (valid) return absl::OkStatus();
  const std::string shown = absl::CHexEscape(name);
  return Invalid(
      absl::StrCat("\"", shown,
                   "\" includes invalid characters for a local volume name, "
                   "only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you "
                   "intended to pass a host directory, use absolute path"),
      shown);
}

}  // namespace tug::volumed
