// SPDX-License-Identifier: Apache-2.0
//
// Directories by descriptor: opening, making and listing them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/sys/unique_fd.h"

namespace tug::imaged {

// Opens `path` below `parent` (AT_FDCWD for an absolute path), making it (with
// `mode`) if it is missing. The last component may not be a symbolic link.
absl::StatusOr<UniqueFd> MakeDirectory(int parent, const std::string& path,
                                       unsigned mode);

// Opens `path` relative to `root` with openat2(2); `resolve` are RESOLVE_*
// bits. Answers -errno on failure, so that callers can tell what is missing
// without allocating.
int OpenResolved(int root, const char* path, int flags, uint64_t resolve);

// A file below a directory that only this process writes; never follows a
// symbolic link.
absl::StatusOr<UniqueFd> OpenBeneath(int root, const std::string& path,
                                     int flags);

// Names in a directory, without "." and "..", in no order. The directory's
// own position is left alone.
absl::StatusOr<std::vector<std::string>> ListNames(int directory);

// The same with their types: DT_* of readdir(3), DT_UNKNOWN where the file
// system does not say.
struct NameAndType {
  std::string name;
  unsigned char type;
};
absl::StatusOr<std::vector<NameAndType>> ListTypedNames(int directory);

// Most that the names of one directory may take in memory: a container fills
// its own. RESOURCE_EXHAUSTED past that.
inline constexpr size_t kMaxListedBytes = 64 << 20;

// fsync of a directory or file.
absl::Status Sync(int fd, absl::string_view what);

}  // namespace tug::imaged
