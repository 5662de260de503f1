// SPDX-License-Identifier: Apache-2.0
//
// Device nodes, and the links that programs expect in /dev. Nodes below our
// own /dev are made relative to that tmpfs, never by a path that an image
// could have bent.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/sys/file.h"
#include "services/runtimed/init/mount_point.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

constexpr char kDevPrefix[] = "/dev/";

struct Link {
  const char* name;
  const char* target;
};
constexpr Link kLinks[] = {
    {"fd", "/proc/self/fd"},       {"stdin", "/proc/self/fd/0"},
    {"stdout", "/proc/self/fd/1"}, {"stderr", "/proc/self/fd/2"},
    {"ptmx", "pts/ptmx"},
};

mode_t TypeBits(uint32_t type) {
  return type == 'c' ? S_IFCHR : type == 'b' ? S_IFBLK : S_IFIFO;
}

// A node that is there already must be the same one: a user may bind /dev/null.
long CheckNode(int directory, const char* name, const PlanDevice& device) {
  struct stat status = {};
  if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return -errno;
  }
  const bool same = (status.st_mode & S_IFMT) == TypeBits(device.type) &&
                    (device.type == 'p' ||
                     status.st_rdev == makedev(device.major, device.minor));
  return same ? 0 : -EEXIST;
}

long MakeNode(int directory, const char* name, const PlanDevice& device) {
  const dev_t number =
      device.type == 'p' ? 0 : makedev(device.major, device.minor);
  if (mknodat(directory, name, TypeBits(device.type) | device.mode, number) !=
      0) {
    return errno == EEXIST ? CheckNode(directory, name, device) : -errno;
  }
  if (device.uid == 0 && device.gid == 0) return 0;
  return fchownat(directory, name, device.uid, device.gid,
                  AT_SYMLINK_NOFOLLOW) == 0
             ? 0
             : -errno;
}

long MakeDevice(InitContext& context, const PlanDevice& device) {
  const char* path = context.plan.Text(device.path);
  UniqueFd parent;
  const char* name = nullptr;
  const size_t prefix = sizeof(kDevPrefix) - 1;
  const bool ours = context.dev >= 0 && context.plan.has(kPlanSetUpDev) &&
                    strncmp(path, kDevPrefix, prefix) == 0;
  // "/null" below the tmpfs for "/dev/null".
  const long error =
      OpenParent(ours ? context.dev : context.root,
                 ours ? path + prefix - 1 : path, &parent, &name);
  return error < 0 ? error : MakeNode(parent.get(), name, device);
}

long MakeLinks(InitContext& context) {
  for (const Link& link : kLinks) {
    context.operand = link.name;
    if (symlinkat(link.target, context.dev, link.name) != 0 &&
        errno != EEXIST) {
      return -errno;
    }
  }
  if (context.proc >= 0 && faccessat(context.proc, "kcore", F_OK, 0) == 0 &&
      symlinkat("/proc/kcore", context.dev, "core") != 0 && errno != EEXIST) {
    return -errno;
  }
  return 0;
}

}  // namespace

long MakeDevices(InitContext& context) {
  const PlanTable& devices = context.plan->devices;
  for (uint32_t i = 0; i < devices.count; ++i) {
    const PlanDevice& device = context.plan.At<PlanDevice>(devices, i);
    context.operand = context.plan.Text(device.path);
    const long error = MakeDevice(context, device);
    if (error < 0) return error;
  }
  const bool links = context.plan.has(kPlanSetUpDev) && context.dev >= 0;
  return links ? MakeLinks(context) : 0;
}

}  // namespace tug::runtimed
