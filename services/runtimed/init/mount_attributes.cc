// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/init/mount_attributes.h"

#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "lib/sys/mount.h"

namespace tug::runtimed {
namespace {

struct PropagationKind {
  unsigned long flag;
  bool recursive;
};

PropagationKind KindOf(PlanPropagation propagation) {
  switch (propagation) {
    case PlanPropagation::kPrivate:
      return {MS_PRIVATE, false};
    case PlanPropagation::kRecursivePrivate:
      return {MS_PRIVATE, true};
    case PlanPropagation::kSlave:
      return {MS_SLAVE, false};
    case PlanPropagation::kRecursiveSlave:
      return {MS_SLAVE, true};
    case PlanPropagation::kShared:
      return {MS_SHARED, false};
    case PlanPropagation::kRecursiveShared:
      break;
  }
  return {MS_SHARED, true};
}

unsigned long RemountFlags(uint64_t attributes) {
  unsigned long flags = 0;
  if ((attributes & MOUNT_ATTR_RDONLY) != 0) flags |= MS_RDONLY;
  if ((attributes & MOUNT_ATTR_NOSUID) != 0) flags |= MS_NOSUID;
  if ((attributes & MOUNT_ATTR_NODEV) != 0) flags |= MS_NODEV;
  if ((attributes & MOUNT_ATTR_NOEXEC) != 0) flags |= MS_NOEXEC;
  if ((attributes & MOUNT_ATTR_NOATIME) != 0) flags |= MS_NOATIME;
  if ((attributes & MOUNT_ATTR_NODIRATIME) != 0) flags |= MS_NODIRATIME;
  if ((attributes & MOUNT_ATTR_STRICTATIME) != 0) flags |= MS_STRICTATIME;
  return flags;
}

// Flags that the mount has: a remount would drop those not repeated.
unsigned long PresentFlags(int mount) {
  struct statvfs status = {};
  if (fstatvfs(mount, &status) != 0) return 0;
  // ST_* and MS_* agree in the low bits: RDONLY, NOSUID, NODEV, NOEXEC.
  constexpr unsigned long kCommon =
      MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  return status.f_flag & kCommon;
}

// For kernels without mount_setattr(2): mount(2) on a path of the private
// procfs, which nothing in the container can redirect.
long ChangeByPath(InitContext& context, int fd, unsigned long flags) {
  char path[32];
  snprintf(path, sizeof(path), "self/fd/%d", fd);
  if (fchdir(context.proc) != 0) return -errno;
  const long error =
      mount(nullptr, path, nullptr, flags, nullptr) == 0 ? 0 : -errno;
  return chdir("/") == 0 ? error : -errno;
}

}  // namespace

long AddAttributes(InitContext& context, int mount, bool recursive,
                   uint64_t attributes) {
  if (attributes == 0) return 0;
  const uint64_t clear =
      (attributes & MOUNT_ATTR__ATIME) != 0 ? uint64_t{MOUNT_ATTR__ATIME} : 0;
  const long error =
      sys::SetMountAttributes(mount, recursive, attributes, clear, 0);
  if (error != -ENOSYS) return error;
  if (recursive) return -EOPNOTSUPP;
  return ChangeByPath(
      context, mount,
      MS_REMOUNT | MS_BIND | PresentFlags(mount) | RemountFlags(attributes));
}

long SetPropagation(InitContext& context, int mount,
                    PlanPropagation propagation) {
  const PropagationKind kind = KindOf(propagation);
  const long error =
      sys::SetMountAttributes(mount, kind.recursive, 0, 0, kind.flag);
  if (error != -ENOSYS) return error;
  unsigned long flags = kind.flag;
  if (kind.recursive) flags |= MS_REC;
  return ChangeByPath(context, mount, flags);
}

}  // namespace tug::runtimed
