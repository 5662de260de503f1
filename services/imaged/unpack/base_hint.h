// SPDX-License-Identifier: Apache-2.0
//
// What an unpacker has to know of the layers below. Archives may name a file
// without the directories that lead to it; those then look as they do below,
// or are the symbolic links that stand there.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::imaged {

// Of one path that the archive does not describe.
struct BaseHint {
  // A symbolic link's text; empty: a directory.
  std::string link_target;
  // Of a directory.
  unsigned mode = 0755;
  unsigned uid = 0;
  unsigned gid = 0;

  // Whether it says no more than what is made without it.
  bool IsTrivial() const {
    return link_target.empty() && mode == 0755 && uid == 0 && gid == 0;
  }
};

// By clean path.
using BaseHints = std::map<std::string, BaseHint>;

// As records of report.h; equal hints give equal bytes.
absl::StatusOr<std::string> SerializeHints(const BaseHints& hints);

// Reads them from a descriptor to its end.
absl::StatusOr<BaseHints> ReadHints(int fd);

}  // namespace tug::imaged
