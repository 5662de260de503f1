// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/trees/unchanged_file.h"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace tug::imaged {
namespace {

constexpr size_t kChunk = 64 << 10;

// The file capability of an open file, or "".
std::string Capability(int fd) {
  char value[64];
  const ssize_t size =
      fgetxattr(fd, "security.capability", value, sizeof(value));
  return size <= 0 ? "" : std::string(value, static_cast<size_t>(size));
}

// As much as there is, up to a chunk; "" at the end and after an error.
std::string ReadChunk(int fd) {
  std::string bytes(kChunk, '\0');
  size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t count = read(fd, bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    size += static_cast<size_t>(count);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace

bool FileComparer::Same(const PinnedFile& upper, const PinnedFile& lower) {
  const struct stat& a = upper.info();
  const struct stat& b = lower.info();
  if (a.st_mode != b.st_mode || a.st_uid != b.st_uid || a.st_gid != b.st_gid ||
      a.st_rdev != b.st_rdev) {
    return false;
  }
  if (S_ISDIR(a.st_mode)) return true;
  if (a.st_size != b.st_size || a.st_mtim.tv_sec != b.st_mtim.tv_sec ||
      a.st_mtim.tv_nsec != b.st_mtim.tv_nsec) {
    return false;
  }
  if (S_ISREG(a.st_mode)) return SameContent(upper, lower);
  if (!S_ISLNK(a.st_mode) || a.st_mtim.tv_nsec != 0) return true;
  const auto target = upper.ReadLink();
  const auto before = lower.ReadLink();
  return target.ok() && before.ok() && *target == *before;
}

bool FileComparer::SameContent(const PinnedFile& upper,
                               const PinnedFile& lower) {
  const auto a = upper.OpenForReading();
  const auto b = lower.OpenForReading();
  if (!a.ok() || !b.ok()) return false;
  if (Capability(a->get()) != Capability(b->get())) return false;
  // Nanoseconds tell a write from a copy.
  if (upper.info().st_mtim.tv_nsec != 0) return true;
  if (upper.info().st_size > kMaxCompared - compared_) return false;
  compared_ += upper.info().st_size;
  while (true) {
    const std::string left = ReadChunk(a->get());
    if (left != ReadChunk(b->get())) return false;
    if (left.empty()) return true;
  }
}

}  // namespace tug::imaged
