// SPDX-License-Identifier: Apache-2.0
//
// What is set by writing to procfs. Writes go to a procfs mount of our own,
// below which nothing may be mounted, never to a path (CVE-2025-52881).
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "lib/sys/file.h"
#include "lib/sys/mount.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

constexpr uint64_t kProcAttributes =
    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
constexpr size_t kMaxPath = 512;

// The attributes of the /proc that this mount will become, if it will.
uint64_t AttributesOfProc(const PlanView& plan) {
  const PlanTable& mounts = plan->mounts;
  for (uint32_t i = 0; i < mounts.count; ++i) {
    const PlanMount& mount = plan.At<PlanMount>(mounts, i);
    if (mount.type == PlanMountType::kProc) return mount.attributes;
  }
  return kProcAttributes;
}

long WriteProc(const InitContext& context, const char* path, const char* text) {
  const long opened =
      sys::OpenAt2(context.proc, path, O_WRONLY, 0,
                   RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);
  if (opened < 0) return opened;
  const UniqueFd file(static_cast<int>(opened));
  return sys::WriteAll(file.get(), text, strlen(text));
}

}  // namespace

long OpenPrivateProc(InitContext& context) {
  const bool exec = context.plan->kind == PlanKind::kExec;
  if (exec && !PlanView::Present(context.plan->apparmor_profile)) return 0;
  context.operand = "proc";
  const long fd = sys::MakeMount("proc", "", AttributesOfProc(context.plan));
  if (fd < 0) return fd;
  struct statfs status = {};
  if (fstatfs(static_cast<int>(fd), &status) != 0) return -errno;
  if (status.f_type != PROC_SUPER_MAGIC) return -ENXIO;
  context.proc = static_cast<int>(fd);
  return 0;
}

long SetSysctls(InitContext& context) {
  const PlanTable& sysctls = context.plan->sysctls;
  for (uint32_t i = 0; i < sysctls.count; ++i) {
    const PlanSysctl& row = context.plan.At<PlanSysctl>(sysctls, i);
    context.operand = context.plan.Text(row.path);
    char path[kMaxPath];
    const int size = snprintf(path, sizeof(path), "sys/%s", context.operand);
    if (size >= static_cast<int>(sizeof(path))) return -ENAMETOOLONG;
    const long error = WriteProc(context, path, context.plan.Text(row.value));
    if (error < 0) return error;
  }
  return 0;
}

long SetHostname(InitContext& context) {
  const LaunchPlan& plan = context.plan.plan();
  context.operand = context.plan.Text(plan.hostname);
  if (plan.hostname.size > 0 &&
      sethostname(context.operand, plan.hostname.size) != 0) {
    return -errno;
  }
  context.operand = context.plan.Text(plan.domainname);
  if (plan.domainname.size > 0 &&
      setdomainname(context.operand, plan.domainname.size) != 0) {
    return -errno;
  }
  return 0;
}

long SetAppArmor(InitContext& context) {
  const PlanString& profile = context.plan->apparmor_profile;
  if (!PlanView::Present(profile)) return 0;
  context.operand = context.plan.Text(profile);
  char text[kMaxPath];
  const int size = snprintf(text, sizeof(text), "exec %s", context.operand);
  if (size >= static_cast<int>(sizeof(text))) return -ENAMETOOLONG;
  // "self" is a plain link of procfs; the magic ones are below it.
  const long error = WriteProc(context, "self/attr/apparmor/exec", text);
  // Before Linux 5.8 there was one file for all security modules.
  return error == -ENOENT ? WriteProc(context, "self/attr/exec", text) : error;
}

}  // namespace tug::runtimed
