// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/sys/unique_fd.h"

namespace tug::runtimed {

// Longest chain of symbolic links that is followed.
inline constexpr int kMaxLinks = 40;

enum class MountPointKind { kDirectory, kFile };

// Opens (O_PATH) the directory or file at `path` below `root`, following
// symbolic links as if `root` were "/". What is missing is made (0755, empty),
// also at the end of a dangling link. Each step looks at one name of an open
// directory and follows no link in the kernel, so that somebody who swaps
// names meanwhile can only make it fail.
long OpenOrCreate(int root, const char* path, MountPointKind kind,
                  UniqueFd* opened);

// Opens (O_PATH) the parent directory of `path`, made if missing, and answers
// the last name in `*name` (pointing into `path`).
long OpenParent(int root, const char* path, UniqueFd* parent,
                const char** name);

}  // namespace tug::runtimed
