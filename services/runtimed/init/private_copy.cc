// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/init/private_copy.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "lib/sys/file.h"
#include "lib/sys/mount.h"
#include "lib/sys/unique_fd.h"

namespace tug::runtimed {
namespace {

constexpr char kName[] = "program";
// Largest program that is copied, in bytes.
constexpr off_t kMaxCopy = 16 << 20;

long Fill(int directory, int source) {
  const UniqueFd copy(
      openat(directory, kName, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755));
  if (!copy) return -errno;
  return sys::CopyFile(source, copy.get());
}

// Only what is attached can be copied from (open_tree(2), before Linux 6.15):
// the tmpfs lies on the root for a moment, where no path of ours leads.
long CloneFile(InitContext& context, int tmpfs) {
  long error = sys::AttachMount(tmpfs, context.root);
  if (error < 0) return error;
  const long copy = sys::CloneTree(tmpfs, kName, false);
  if (fchdir(tmpfs) != 0 || umount2(".", MNT_DETACH) != 0) error = -errno;
  if (chdir("/") != 0) error = -errno;
  if (copy < 0 || error == 0) return copy;
  close(static_cast<int>(copy));
  return error;
}

}  // namespace

long MakePrivateCopy(InitContext& context, int source) {
  struct stat status = {};
  if (fstat(source, &status) != 0) return -errno;
  if (!S_ISREG(status.st_mode)) return -EINVAL;
  if (status.st_size > kMaxCopy) return -EFBIG;
  // tmpfs counts whole pages; one inode is the root's.
  const long page = sysconf(_SC_PAGESIZE);
  char options[64];
  snprintf(options, sizeof(options), "mode=755,nr_inodes=2,size=%lld",
           static_cast<long long>(status.st_size + page));
  const long made =
      sys::MakeMount("tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  if (made < 0) return made;
  const UniqueFd tmpfs(static_cast<int>(made));
  const long error = Fill(tmpfs.get(), source);
  return error < 0 ? error : CloneFile(context, tmpfs.get());
}

}  // namespace tug::runtimed
