// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace tug {

enum class FileAccess {
  kRead,     // Reads files, lists directories.
  kExecute,  // Also runs programs.
  kWrite,    // Writes existing files; reads too.
  kOwn,      // Everything but running programs.
};

// What may be done with a file, or below a directory. A path that does not
// exist, or that this process cannot reach, gives nothing.
struct FileRule {
  std::string path;
  FileAccess access;
};

// Forbids the calling thread and its children everything that no rule allows,
// abstract sockets outside, and, unless `may_signal`, signals to processes
// outside, as far as the kernel can. Needs no_new_privs.
absl::Status RestrictFiles(const std::vector<FileRule>& rules, bool may_signal);

// The same without a word on files.
absl::Status RestrictSignals();

// What every program needs to read: libraries, their settings, the clock's
// zone, facts of the kernel.
std::vector<FileRule> SystemFileRules();

}  // namespace tug
