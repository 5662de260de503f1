// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/init/image_file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cerrno>
#include <cstdio>

#include "lib/sys/file.h"
#include "lib/sys/foreign_file.h"
#include "lib/sys/mount.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

constexpr uint64_t kShown = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
constexpr uint64_t kOneMount = kShown | RESOLVE_NO_XDEV;

bool IsAbsent(long error) { return error == -ENOENT || error == -ENOTDIR; }

// Of a file that the container holds a lease on: as if it were not there.
long UnlessHeld(long error) { return error == -EWOULDBLOCK ? 0 : error; }

// What `looked_at` (O_PATH) names, and nothing else, whoever renames meanwhile.
long OpenAgain(const InitContext& context, const UniqueFd& looked_at, int flags,
               UniqueFd* opened) {
  char name[16];
  snprintf(name, sizeof(name), "%d", looked_at.get());
  const int fd =
      openat(context.own_descriptors, name, flags | O_NOCTTY | O_CLOEXEC);
  if (fd == -1) return -errno;
  opened->reset(fd);
  return 0;
}

bool IsRegular(const UniqueFd& fd) {
  struct stat status = {};
  return fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode);
}

// Files of procfs are regular, and some change when they are read.
bool IsOnProc(const UniqueFd& fd) {
  struct statfs status = {};
  return fstatfs(fd.get(), &status) != 0 || status.f_type == PROC_SUPER_MAGIC;
}

// A copy of the root mount alone has nothing mounted in it.
long LookBelowMounts(const InitContext& context, const char* path) {
  const long bare = sys::CloneTree(context.root, "", false);
  if (bare < 0) return bare;
  const UniqueFd root(static_cast<int>(bare));
  return sys::OpenAt2(root.get(), path, O_PATH, 0, kOneMount);
}

}  // namespace

long OpenOwnDescriptors(InitContext& context) {
  context.operand = "/proc/self/fd";
  context.own_descriptors =
      open(context.operand, O_PATH | O_DIRECTORY | O_CLOEXEC);
  return context.own_descriptors == -1 ? -errno : 0;
}

// After another pid namespace was entered, where the host's were left behind.
long ReopenOwnDescriptors(InitContext& context) {
  if (context.own_descriptors != -1) return 0;
  context.operand = "self/fd";
  const long fd =
      sys::OpenAt2(context.proc, context.operand, O_PATH | O_DIRECTORY, 0,
                   RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);
  if (fd < 0) return fd;
  context.own_descriptors = static_cast<int>(fd);
  return 0;
}

long OpenImageFile(InitContext& context, const char* path, UniqueFd* file) {
  long found = sys::OpenAt2(context.root, path, O_PATH, 0, kOneMount);
  if (found == -EXDEV) found = LookBelowMounts(context, path);
  if (found < 0) return IsAbsent(found) ? 0 : found;
  const UniqueFd looked_at(static_cast<int>(found));
  if (!IsRegular(looked_at)) return 0;
  return UnlessHeld(
      OpenAgain(context, looked_at, O_RDONLY | sys::kNeverWait, file));
}

long OpenMountedFile(InitContext& context, const char* path, UniqueFd* file) {
  long found = sys::OpenAt2(context.root, path, O_PATH, 0, kOneMount);
  if (found >= 0) {
    const UniqueFd own(static_cast<int>(found));
    return 0;
  }
  if (found != -EXDEV) return IsAbsent(found) ? 0 : found;
  found = sys::OpenAt2(context.root, path, O_PATH, 0, kShown);
  if (found < 0) return IsAbsent(found) ? 0 : found;
  const UniqueFd looked_at(static_cast<int>(found));
  if (!IsRegular(looked_at) || IsOnProc(looked_at)) return 0;
  return UnlessHeld(
      OpenAgain(context, looked_at, O_RDONLY | sys::kNeverWait, file));
}

long OpenDevice(InitContext& context, const char* path, dev_t device, int flags,
                UniqueFd* opened) {
  const long found = sys::OpenAt2(context.root, path, O_PATH, 0, kShown);
  if (found < 0) return found;
  const UniqueFd looked_at(static_cast<int>(found));
  struct stat status = {};
  if (fstat(looked_at.get(), &status) != 0) return -errno;
  if (!S_ISCHR(status.st_mode) || status.st_rdev != device) return 0;
  return OpenAgain(context, looked_at, flags, opened);
}

}  // namespace tug::runtimed
