// SPDX-License-Identifier: Apache-2.0
//
// Binds are opened while the child's mount namespace is still a copy of the
// host's, in which propagation works. Afterwards everything in it is made
// private: what the opened trees propagate is then a matter of each mount.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

#include "lib/sys/file.h"
#include "lib/sys/mount.h"
#include "lib/sys/process.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

constexpr unsigned kMemMajor = 1;
constexpr unsigned kNullMinor = 3;

long OpenBind(const PlanView& plan, const PlanMount& mount) {
  const char* source = plan.Text(mount.source);
  if ((mount.flags & kMountPrivateCopy) != 0) {
    const int file = open(source, O_RDONLY | O_CLOEXEC);
    return file == -1 ? -errno : file;
  }
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

// A mount can be copied only by who is in its namespace; the copy may be
// attached in any.
long OpenSharedShm(const PlanView& plan) {
  const UniqueFd own(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC));
  if (!own) return -errno;
  const auto theirs = static_cast<int>(plan->shm_namespace);
  const long joined = sys::JoinNamespace(theirs, CLONE_NEWNS);
  if (joined < 0) return joined;
  long tree = -EINVAL;
  {
    // Whatever that container has put there: it is asked to share it.
    const UniqueFd root(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    const long shm =
        sys::OpenInRoot(root.get(), "/dev/shm", O_PATH | O_DIRECTORY);
    const UniqueFd directory(shm < 0 ? -1 : static_cast<int>(shm));
    tree = shm < 0 ? shm : sys::CloneTree(directory.get(), "", false);
  }
  const long back = sys::JoinNamespace(own.get(), CLONE_NEWNS);
  return back < 0 ? back : tree;
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
    const bool shm = mount.type == PlanMountType::kSharedShm;
    if (mount.type != PlanMountType::kBind && !shm) continue;
    context.operand = context.plan.Text(shm ? mount.target : mount.source);
    const long fd =
        shm ? OpenSharedShm(context.plan) : OpenBind(context.plan, mount);
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
