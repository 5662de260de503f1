// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "lib/sys/unique_fd.h"
#include "services/runtimed/init/image_file.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

constexpr unsigned kMemMajor = 1;
constexpr unsigned kNullMinor = 3;

// An input that ends at once. The null device must be the container's: through
// an open descriptor of the host's, root inside could change the host's mode.
long OpenEmptyInput(InitContext& context) {
  UniqueFd null;
  OpenDevice(context, "/dev/null", makedev(kMemMajor, kNullMinor), O_RDWR,
             &null);
  if (null) {
    context.streams[0] = null.release();
    return 0;
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -errno;
  close(ends[1]);
  context.streams[0] = ends[0];
  return 0;
}

// A program that is not root must be able to open /dev/stdout again. The null
// device belongs to everybody and stays as it is.
long GiveToUser(int fd, uid_t uid) {
  struct stat status = {};
  if (fstat(fd, &status) != 0) return -errno;
  const bool shared =
      S_ISCHR(status.st_mode) && major(status.st_rdev) == kMemMajor;
  if (shared || status.st_uid == uid) return 0;
  return fchown(fd, uid, static_cast<gid_t>(-1)) == 0 ? 0 : -errno;
}

}  // namespace

long SetStandardStreams(InitContext& context) {
  if (context.streams[0] == -1) {
    if (const long error = OpenEmptyInput(context); error < 0) return error;
  }
  for (int i = 0; i < 3; ++i) {
    const long error = GiveToUser(context.streams[i], context.user.uid);
    if (error < 0) return error;
    if (dup2(context.streams[i], i) == -1) return -errno;
  }
  return 0;
}

// By the process that runs the program: a session ends with who made it.
long MakeSession(InitContext& context) {
  if (setsid() == -1 && errno != EPERM) return -errno;
  if (!context.plan.has(kPlanTerminal)) return 0;
  return ioctl(0, TIOCSCTTY, 0) == 0 ? 0 : -errno;
}

}  // namespace tug::runtimed
