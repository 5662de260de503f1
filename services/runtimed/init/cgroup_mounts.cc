// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/init/cgroup_mounts.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/sys/mount.h"
#include "lib/sys/unique_fd.h"
#include "services/runtimed/init/mount_attributes.h"

namespace tug::runtimed {
namespace {

// Directories and links only.
constexpr char kTmpfsOptions[] = "mode=755,size=64k";

uint64_t Attributes(const InitContext& context, uint64_t attributes) {
  return context.plan.has(kPlanWritableCgroups)
             ? attributes & ~uint64_t{MOUNT_ATTR_RDONLY}
             : attributes;
}

// "cpu,cpuacct" is also found as "cpu" and as "cpuacct".
long LinkParts(int directory, const char* name) {
  if (strchr(name, ',') == nullptr) return 0;
  while (*name != '\0') {
    char part[NAME_MAX + 1];
    const size_t size = strcspn(name, ",");
    if (size > NAME_MAX) return -ENAMETOOLONG;
    memcpy(part, name, size);
    part[size] = '\0';
    if (size > 0 && symlinkat(name, directory, part) != 0) return -errno;
    name += size + (name[size] == ',' ? 1 : 0);
  }
  return 0;
}

long BindController(InitContext& context, const PlanCgroupMount& row,
                    int source, uint64_t attributes, int directory) {
  const char* name = context.plan.Text(row.name);
  if (mkdirat(directory, name, 0755) != 0) return -errno;
  const UniqueFd target(
      openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!target) return -errno;
  long error = sys::AttachMount(source, target.get());
  if (error == 0) {
    error = SetPropagation(context, source, PlanPropagation::kPrivate);
  }
  if (error == 0) {
    error = AddAttributes(context, source, false, attributes);
  }
  return error != 0 ? error : LinkParts(directory, name);
}

}  // namespace

long MakeCgroupMount(InitContext& context, uint64_t attributes) {
  if (context.plan->cgroup_mounts.count > 0) {
    return sys::MakeMount("tmpfs", kTmpfsOptions,
                          attributes & ~uint64_t{MOUNT_ATTR_RDONLY});
  }
  return sys::MakeMount("cgroup2", "", Attributes(context, attributes));
}

long FillCgroupMount(InitContext& context, uint64_t attributes, int mount) {
  const PlanTable& cgroups = context.plan->cgroup_mounts;
  if (cgroups.count == 0) return 0;
  const uint64_t inner = Attributes(context, attributes);
  for (uint32_t i = 0; i < cgroups.count; ++i) {
    const long error =
        BindController(context, context.plan.At<PlanCgroupMount>(cgroups, i),
                       context.cgroup_sources[i], inner, mount);
    if (error < 0) return error;
  }
  return AddAttributes(context, mount, false, inner);
}

}  // namespace tug::runtimed
