// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "lib/sys/file.h"
#include "services/runtimed/init/mount_point.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {

// Made if missing, but not by an exec. No magic link (/proc/self/fd/7) leads there, and where we
// are must have a name below our root (CVE-2024-21626).
long EnterWorkingDirectory(InitContext& context) {
  context.operand = context.plan.Text(context.plan->cwd);
  UniqueFd directory;
  long error = 0;
  if (context.plan->kind == PlanKind::kExec) {
    error = sys::OpenInRoot(context.root, context.operand,
                            O_PATH | O_DIRECTORY);
    if (error >= 0) directory.reset(static_cast<int>(error));
  } else {
    error = OpenOrCreate(context.root, context.operand,
                         MountPointKind::kDirectory, &directory);
  }
  if (error < 0) return error;
  if (fchdir(directory.get()) != 0) return -errno;
  char name[PATH_MAX];
  // The kernel's own: glibc would search for a name where there is none.
  if (syscall(SYS_getcwd, name, sizeof(name)) == -1) return -errno;
  return name[0] == '/' ? 0 : -EXDEV;
}

}  // namespace tug::runtimed
