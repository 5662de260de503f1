// SPDX-License-Identifier: Apache-2.0
//
// The container's root: an overlay made by descriptors, or a bind, attached
// inside the child's own mount namespace and pivoted to at once. From then on
// no path of this process can reach the host.
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/sys/file.h"
#include "lib/sys/mount.h"
#include "lib/sys/process.h"
#include "services/runtimed/init/mount_attributes.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

// mount(2) takes one page of options.
constexpr size_t kMaxOverlayOptions = 4096;

// Appends `text` at `*size`; false when it does not fit with its NUL.
bool Append(char* buffer, size_t capacity, size_t* size, const char* text) {
  const size_t length = strlen(text);
  if (*size + length >= capacity) return false;
  memcpy(buffer + *size, text, length + 1);
  *size += length;
  return true;
}

// "l/3:l/2:l/1"
bool JoinLowers(const PlanView& plan, char* buffer, size_t capacity,
                size_t* size) {
  for (uint32_t i = 0; i < plan->lower.count; ++i) {
    if (i > 0 && !Append(buffer, capacity, size, ":")) return false;
    if (!Append(buffer, capacity, size, plan.TextAt(plan->lower, i))) {
      return false;
    }
  }
  return true;
}

// One string where it fits, else one row each (Linux 6.8); -E2BIG where the
// kernel has no such key.
long SetLowers(int overlay, const PlanView& plan) {
  char joined[sys::kMaxFsConfigValue + 1];
  size_t size = 0;
  if (JoinLowers(plan, joined, sizeof(joined), &size)) {
    return sys::FsSet(overlay, "lowerdir", joined);
  }
  for (uint32_t i = 0; i < plan->lower.count; ++i) {
    const long error =
        sys::FsSet(overlay, "lowerdir+", plan.TextAt(plan->lower, i));
    if (error < 0) return i == 0 && error == -EINVAL ? -E2BIG : error;
  }
  return 0;
}

// Relative names: the working directory is the layers' folder.
long MakeOverlay(const PlanView& plan) {
  const long opened = sys::FsOpen("overlay");
  if (opened < 0) return opened;
  const UniqueFd overlay(static_cast<int>(opened));
  long error = SetLowers(overlay.get(), plan);
  if (error == 0) {
    error = sys::FsSet(overlay.get(), "upperdir", plan.Text(plan->upper));
  }
  if (error == 0) {
    error = sys::FsSet(overlay.get(), "workdir", plan.Text(plan->work));
  }
  if (error < 0) return error;
  // Upper directories are read as layers later: no features that refer to a
  // particular mount. A kernel that does not know a key has it off.
  sys::FsSet(overlay.get(), "index", "off");
  sys::FsSet(overlay.get(), "redirect_dir", "off");
  sys::FsSet(overlay.get(), "source", "overlay");
  return sys::FsCreateMount(overlay.get(), 0);
}

// For many layers on an old kernel. Mounts over the working directory.
long MountOverlayHere(const PlanView& plan) {
  char options[kMaxOverlayOptions];
  size_t size = 0;
  const bool fits =
      Append(options, sizeof(options), &size, "lowerdir=") &&
      JoinLowers(plan, options, sizeof(options), &size) &&
      Append(options, sizeof(options), &size, ",upperdir=") &&
      Append(options, sizeof(options), &size, plan.Text(plan->upper)) &&
      Append(options, sizeof(options), &size, ",workdir=") &&
      Append(options, sizeof(options), &size, plan.Text(plan->work));
  if (!fits) return -E2BIG;
  const char* directory = plan.Text(plan->root_directory);
  if (mount("overlay", directory, "overlay", 0, options) != 0) return -errno;
  const int root = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  return root == -1 ? -errno : root;
}

}  // namespace

long MountRoot(InitContext& context) {
  const PlanView& plan = context.plan;
  context.operand = plan.Text(plan->root_directory);
  if (chdir(context.operand) != 0) return -errno;
  long root = plan->lower.count > 0 ? MakeOverlay(plan)
                                    : sys::CloneTree(AT_FDCWD, ".", true);
  if (root == -E2BIG && plan->lower.count > 0) {
    root = MountOverlayHere(plan);
  } else if (root >= 0) {
    const UniqueFd here(open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!here) return -errno;
    const long error = sys::AttachMount(static_cast<int>(root), here.get());
    if (error < 0) return error;
  }
  if (root < 0) return root;
  context.root = static_cast<int>(root);
  return 0;
}

long PivotRoot(InitContext& context) {
  if (fchdir(context.root) != 0) return -errno;
  const long error = sys::PivotRootHere();
  if (error < 0) return error;
  // The old root now lies on top of the new one, at ".".
  if (umount2(".", MNT_DETACH) != 0) return -errno;
  return chdir("/") == 0 ? 0 : -errno;
}

// Before anything is mounted on it: binds have a propagation of their own.
long SetRootPropagation(InitContext& context) {
  context.operand = "/";
  return SetPropagation(context, context.root, context.plan->root_propagation);
}

long SealRoot(InitContext& context) {
  if (!context.plan.has(kPlanReadOnlyRoot)) return 0;
  context.operand = "/";
  return AddAttributes(context, context.root, false, MOUNT_ATTR_RDONLY);
}

}  // namespace tug::runtimed
