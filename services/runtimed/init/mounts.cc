// SPDX-License-Identifier: Apache-2.0
//
// The mount table, applied in order after the pivot: mount points are found
// and made inside the container's root only.
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "lib/sys/file.h"
#include "lib/sys/mount.h"
#include "services/runtimed/init/cgroup_mounts.h"
#include "services/runtimed/init/mount_attributes.h"
#include "services/runtimed/init/mount_point.h"
#include "services/runtimed/init/private_copy.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

constexpr size_t kMaxTmpfsOptions = 4096;

// Files of procfs that programs like lxcfs may cover. Anything else there
// could make security settings go to a fake (CVE-2019-16884 and kin).
constexpr const char* kCoverableProcFiles[] = {
    "/proc/cpuinfo", "/proc/diskstats", "/proc/loadavg",
    "/proc/meminfo", "/proc/slabinfo",  "/proc/stat",
    "/proc/swaps",   "/proc/uptime",    "/proc/net/dev",
};

bool OnProc(int fd) {
  struct statfs status = {};
  return fstatfs(fd, &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
}

bool IsDirectory(int fd) {
  struct stat status = {};
  return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

bool IsKernelView(PlanMountType type) {
  return type == PlanMountType::kProc || type == PlanMountType::kSysfs;
}

// Refuses to cover procfs, and /proc with something that is none.
long CheckTarget(const PlanMount& mount, int source, const char* path,
                 int target) {
  if (mount.type == PlanMountType::kProc) return 0;
  const bool to_proc =
      strcmp(path, "/proc") == 0 || strcmp(path, "/proc/") == 0;
  if (to_proc) return source >= 0 && OnProc(source) ? 0 : -EPERM;
  if (!OnProc(target)) return 0;
  for (const char* file : kCoverableProcFiles) {
    if (strcmp(path, file) == 0) return 0;
  }
  return -EPERM;
}

long OpenTarget(const InitContext& context, const PlanMount& mount, int source,
                UniqueFd* target) {
  const char* path = context.plan.Text(mount.target);
  const bool file = source >= 0 && !IsDirectory(source);
  const auto kind = file ? MountPointKind::kFile : MountPointKind::kDirectory;
  if ((mount.flags & kMountNeedsTarget) != 0) {
    const long fd = sys::OpenInRoot(context.root, path, O_PATH);
    if (fd < 0) return fd;
    target->reset(static_cast<int>(fd));
  } else if (const long error = OpenOrCreate(context.root, path, kind, target);
             error < 0) {
    return error;
  }
  if (!IsKernelView(mount.type)) {
    return CheckTarget(mount, source, path, target->get());
  }
  // An image whose /proc is a link must not lead the kernel's views astray.
  const long plain = sys::OpenAt2(context.root, path, O_PATH | O_DIRECTORY, 0,
                                  RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
  if (plain < 0) return plain;
  target->reset(static_cast<int>(plain));
  return 0;
}

// A tmpfs takes over the permissions of the directory that it covers, unless
// the options say otherwise.
long MakeTmpfs(const char* options, uint64_t attributes, int target) {
  struct stat status = {};
  if (strstr(options, "mode=") != nullptr || fstat(target, &status) != 0) {
    return sys::MakeMount("tmpfs", options, attributes);
  }
  char with_mode[kMaxTmpfsOptions];
  const int size = snprintf(with_mode, sizeof(with_mode), "mode=%o,%s",
                            status.st_mode & 07777u, options);
  if (size >= static_cast<int>(sizeof(with_mode))) return -E2BIG;
  return sys::MakeMount("tmpfs", with_mode, attributes);
}

// The detached mount of one row.
long MakeRow(InitContext& context, const PlanMount& mount, int source,
             int target) {
  const char* options = context.plan.Text(mount.options);
  switch (mount.type) {
    case PlanMountType::kBind:
      return (mount.flags & kMountPrivateCopy) != 0
                 ? MakePrivateCopy(context, source)
                 : source;
    case PlanMountType::kTmpfs:
      return MakeTmpfs(options, mount.attributes, target);
    case PlanMountType::kProc:
      return context.proc;
    case PlanMountType::kSysfs:
      return sys::MakeMount("sysfs", options, mount.attributes);
    case PlanMountType::kDevpts:
      return sys::MakeMount("devpts", options, mount.attributes);
    case PlanMountType::kMqueue:
      return sys::MakeMount("mqueue", options, mount.attributes);
    case PlanMountType::kCgroup:
      return MakeCgroupMount(context, mount.attributes);
    case PlanMountType::kSharedShm:
      return source;
  }
  return -EINVAL;
}

// Binds get their attributes only now; file systems were made with theirs.
long FinishBind(InitContext& context, const PlanMount& mount, int fd) {
  const bool recursive = (mount.flags & kMountRecursiveReadOnly) != 0 &&
                         (mount.attributes & MOUNT_ATTR_RDONLY) != 0;
  long error = AddAttributes(context, fd, recursive, mount.attributes);
  const bool needed = (mount.flags & kMountRequireRecursiveReadOnly) != 0;
  if (error < 0 && recursive && !needed) {
    error = AddAttributes(context, fd, false, mount.attributes);
  }
  return error < 0 ? error : SetPropagation(context, fd, mount.propagation);
}

void Remember(InitContext& context, const PlanMount& mount, int fd) {
  const char* target = context.plan.Text(mount.target);
  if (mount.type == PlanMountType::kDevpts) context.devpts = fd;
  if (mount.type == PlanMountType::kTmpfs && strcmp(target, "/dev") == 0) {
    context.dev = fd;
  }
}

long ApplyMount(InitContext& context, const PlanMount& mount, int source) {
  UniqueFd target;
  long error = OpenTarget(context, mount, source, &target);
  if (error < 0) return error;
  const long fd = MakeRow(context, mount, source, target.get());
  if (fd < 0) return fd;
  const int made = static_cast<int>(fd);
  error = sys::AttachMount(made, target.get());
  if (error < 0) return error;
  Remember(context, mount, made);
  if (mount.type == PlanMountType::kCgroup) {
    return FillCgroupMount(context, mount.attributes, made);
  }
  const bool shown = mount.type == PlanMountType::kBind ||
                     mount.type == PlanMountType::kSharedShm;
  if (shown) return FinishBind(context, mount, made);
  // Private is how they are made.
  return mount.propagation == PlanPropagation::kRecursivePrivate
             ? 0
             : SetPropagation(context, made, mount.propagation);
}

}  // namespace

long ApplyMounts(InitContext& context) {
  // Mount points get exactly the mode that is asked for.
  umask(0);
  const PlanTable& mounts = context.plan->mounts;
  for (uint32_t i = 0; i < mounts.count; ++i) {
    const PlanMount& mount = context.plan.At<PlanMount>(mounts, i);
    context.operand = context.plan.Text(mount.target);
    const long error = ApplyMount(context, mount, context.mount_sources[i]);
    if (error < 0) return error;
  }
  return 0;
}

}  // namespace tug::runtimed
