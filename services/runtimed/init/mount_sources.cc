// SPDX-License-Identifier: Apache-2.0
//
// Binds are opened while the child's mount namespace is still a copy of the
// host's, in which propagation works. Afterwards everything in it is made
// private: what the opened trees propagate is then a matter of each mount.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

#include "lib/sys/file.h"
#include "lib/sys/mount.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

constexpr unsigned kMemMajor = 1;
constexpr unsigned kNullMinor = 3;

long OpenBind(const PlanView& plan, const PlanMount& mount) {
  const char* source = plan.Text(mount.source);
  const bool recursive = (mount.flags & kMountRecursive) != 0;
  if (!PlanView::Present(mount.subpath)) {
    return sys::CloneTree(AT_FDCWD, source, recursive);
  }
  const UniqueFd base(open(source, O_PATH | O_CLOEXEC));
  if (!base) return -errno;
  const long below =
      sys::OpenInRoot(base.get(), plan.Text(mount.subpath), O_PATH);
  if (below < 0) return below;
  const UniqueFd directory(static_cast<int>(below));
  return sys::CloneTree(directory.get(), "", recursive);
}

long OpenCgroups(InitContext& context) {
  const PlanTable& cgroups = context.plan->cgroup_mounts;
  for (uint32_t i = 0; i < cgroups.count; ++i) {
    const auto& row = context.plan.At<PlanCgroupMount>(cgroups, i);
    context.operand = context.plan.Text(row.source);
    const long fd = sys::CloneTree(AT_FDCWD, context.operand, false);
    if (fd < 0) return fd;
    context.cgroup_sources[i] = static_cast<int>(fd);
  }
  return 0;
}

long OpenHostNull(InitContext& context) {
  context.operand = "/dev/null";
  const long fd = sys::CloneTree(AT_FDCWD, context.operand, false);
  if (fd < 0) return fd;
  struct stat status = {};
  if (fstat(static_cast<int>(fd), &status) != 0) return -errno;
  if (!S_ISCHR(status.st_mode) ||
      status.st_rdev != makedev(kMemMajor, kNullMinor)) {
    return -ENXIO;
  }
  context.host_null = static_cast<int>(fd);
  return 0;
}

}  // namespace

long OpenSources(InitContext& context) {
  const PlanTable& mounts = context.plan->mounts;
  for (uint32_t i = 0; i < mounts.count; ++i) {
    const PlanMount& mount = context.plan.At<PlanMount>(mounts, i);
    context.mount_sources[i] = -1;
    if (mount.type != PlanMountType::kBind) continue;
    context.operand = context.plan.Text(mount.source);
    const long fd = OpenBind(context.plan, mount);
    if (fd < 0) return fd;
    context.mount_sources[i] = static_cast<int>(fd);
  }
  if (const long error = OpenCgroups(context); error != 0) return error;
  const bool masks = context.plan->masked_paths.count > 0;
  return masks && !context.plan.has(kPlanSetUpDev) ? OpenHostNull(context) : 0;
}

long MakePrivate(InitContext& context) {
  return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0
             ? 0
             : -errno;
}

}  // namespace tug::runtimed
