// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace tug::archive {

// What one tar entry is.
enum class EntryType {
  kFile,
  kHardLink,
  kSymlink,
  kCharDevice,
  kBlockDevice,
  kDirectory,
  kFifo,
};

// One entry, decoded. Names are the archive's own bytes: never trust them.
struct TarEntry {
  EntryType type = EntryType::kFile;
  std::string path;
  std::string link_target;
  uint32_t mode = 0;  // Permission bits, setuid, setgid and sticky.
  uint32_t uid = 0;
  uint32_t gid = 0;
  int64_t size = 0;  // Of a file, holes included.
  int64_t mtime_seconds = 0;
  int32_t mtime_nanoseconds = 0;
  uint32_t device_major = 0;
  uint32_t device_minor = 0;
  std::map<std::string, std::string> xattrs;
};

// A piece of a file that is no hole.
struct TarExtent {
  int64_t offset = 0;
  int64_t length = 0;
};

}  // namespace tug::archive
