// SPDX-License-Identifier: Apache-2.0
//
// The pseudo-terminal of a container or exec. Master and slave come from the
// container's devpts by descriptor: the master through the mount that was just
// made (or was verified), the slave by TIOCGPTPEER, so that no name in /dev/pts
// can be raced (CVE-2025-52565).
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/sys/fd_channel.h"
#include "lib/sys/file.h"
#include "lib/sys/mount.h"
#include "services/runtimed/init/child_report.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

constexpr unsigned kPtmxMajor = 5;
constexpr unsigned kPtmxMinor = 2;
// Unix98 slaves have the majors from 136 to 143.
constexpr unsigned kFirstSlaveMajor = 136;
constexpr unsigned kLastSlaveMajor = 143;

long CheckDevice(int fd, unsigned first_major, unsigned last_major) {
  struct stat status = {};
  if (fstat(fd, &status) != 0) return -errno;
  const unsigned number = major(status.st_rdev);
  const bool right =
      S_ISCHR(status.st_mode) && number >= first_major && number <= last_major;
  return right ? 0 : -ENOTTY;
}

// The devpts at /dev/pts, whatever else the container did to its /dev.
long FindDevpts(InitContext& context) {
  const long fd =
      sys::OpenInRoot(context.root, "/dev/pts", O_PATH | O_DIRECTORY);
  if (fd < 0) return fd;
  struct statfs status = {};
  if (fstatfs(static_cast<int>(fd), &status) != 0) return -errno;
  if (status.f_type != DEVPTS_SUPER_MAGIC) return -ENOTTY;
  context.devpts = static_cast<int>(fd);
  return 0;
}

long OpenMaster(const InitContext& context) {
  const long fd =
      sys::OpenAt2(context.devpts, "ptmx", O_RDWR | O_NOCTTY, 0,
                   RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH);
  if (fd < 0) return fd;
  struct stat status = {};
  if (fstat(static_cast<int>(fd), &status) != 0) return -errno;
  const bool right = S_ISCHR(status.st_mode) &&
                     status.st_rdev == makedev(kPtmxMajor, kPtmxMinor);
  return right ? fd : -ENOTTY;
}

long OpenSlave(const InitContext& context, int master) {
  int unlocked = 0;
  if (ioctl(master, TIOCSPTLCK, &unlocked) != 0) return -errno;
  const int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave == -1) return -errno;
  const long error = CheckDevice(slave, kFirstSlaveMajor, kLastSlaveMajor);
  if (error < 0) return error;
  if (context.plan.has(kPlanConsoleSize)) {
    winsize size = {};
    size.ws_row = static_cast<unsigned short>(context.plan->rows);
    size.ws_col = static_cast<unsigned short>(context.plan->columns);
    if (ioctl(slave, TIOCSWINSZ, &size) != 0) return -errno;
  }
  return slave;
}

long SendMaster(const InitContext& context, int master) {
  ChildReport report = {};
  report.type = ChildReportType::kTerminal;
  const long sent = sys::SendWithFds(context.report_socket, &report,
                                     sizeof(report), &master, 1);
  return sent < 0 ? sent : 0;
}

// Shows the slave at /dev/console: onto a file made just now in our tmpfs.
long BindConsole(InitContext& context, int slave) {
  context.operand = "/dev/console";
  const UniqueFd made(openat(context.dev, "console",
                             O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
  if (!made) return errno == EEXIST ? 0 : -errno;
  const UniqueFd target(
      openat(context.dev, "console", O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!target) return -errno;
  const long tree = sys::CloneTree(slave, "", false);
  if (tree < 0) return tree;
  const int console = static_cast<int>(tree);
  const long error = CheckDevice(console, kFirstSlaveMajor, kLastSlaveMajor);
  return error < 0 ? error : sys::AttachMount(console, target.get());
}

long OpenPair(InitContext& context) {
  context.operand = "/dev/pts";
  if (context.devpts < 0) {
    if (const long error = FindDevpts(context); error < 0) return error;
  }
  const long opened = OpenMaster(context);
  if (opened < 0) return opened;
  const UniqueFd master(static_cast<int>(opened));
  const long slave = OpenSlave(context, master.get());
  if (slave < 0) return slave;
  for (int& stream : context.streams) stream = static_cast<int>(slave);
  return SendMaster(context, master.get());
}

}  // namespace

long OpenTerminal(InitContext& context) {
  if (!context.plan.has(kPlanTerminal)) return 0;
  const long error = OpenPair(context);
  if (error < 0) return error;
  const bool console = context.plan.has(kPlanSetUpDev) && context.dev >= 0;
  return console ? BindConsole(context, context.streams[0]) : 0;
}

long OpenExecTerminal(InitContext& context) {
  return context.plan.has(kPlanTerminal) ? OpenPair(context) : 0;
}

}  // namespace tug::runtimed
