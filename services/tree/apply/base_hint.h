// SPDX-License-Identifier: Apache-2.0
//
// What an unpacker has to know of the layers below. Archives may name a file
// without the directories that lead to it; those then look as they do below.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/tree/report/report.h"

namespace tug::tree {

// Most bytes of the hints for one layer, counted as a report's: each belongs
// to a directory that a report named, and takes a few numbers more.
inline constexpr size_t kMaxHintBytes = 2 * kMaxReportBytes;

// How a directory that the archive does not describe is made.
struct BaseHint {
  unsigned mode = 0755;
  unsigned uid = 0;
  unsigned gid = 0;

  // Whether it says no more than what is made without it.
  bool IsTrivial() const { return mode == 0755 && uid == 0 && gid == 0; }
};

// By clean path.
using BaseHints = std::map<std::string, BaseHint>;

// As records of report.h; equal hints give equal bytes.
absl::StatusOr<std::string> SerializeHints(const BaseHints& hints);

// Reads them from a descriptor to its end.
absl::StatusOr<BaseHints> ReadHints(int fd);

}  // namespace tug::tree
