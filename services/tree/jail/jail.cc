// SPDX-License-Identifier: Apache-2.0
#include "services/tree/jail/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdint>

#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/kernel/capability.h"
#include "lib/sys/mount.h"
#include "lib/sys/process.h"
#include "lib/sys/unique_fd.h"
#include "services/tree/jail/landlock.h"
#include "services/tree/jail/syscall_filter.h"

namespace tug::tree {
namespace {

constexpr uint64_t Bit(int capability) { return uint64_t{1} << capability; }

// Writing any owner, mode, device and file capability below one directory.
constexpr uint64_t kDirectoryCapabilities =
    Bit(CAP_CHOWN) | Bit(CAP_DAC_OVERRIDE) | Bit(CAP_FOWNER) | Bit(CAP_FSETID) |
    Bit(CAP_MKNOD) | Bit(CAP_SETFCAP);

constexpr uint64_t kSafe =
    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

// Room for the largest zstd window and xz dictionary, and for thread stacks.
constexpr rlim_t kMaxAddressSpace = rlim_t{2} << 30;
constexpr rlim_t kMaxOpenFiles = 256;

absl::Status LimitResources() {
  const rlimit memory = {kMaxAddressSpace, kMaxAddressSpace};
  const rlimit files = {kMaxOpenFiles, kMaxOpenFiles};
  const rlimit core = {0, 0};
  if (setrlimit(RLIMIT_AS, &memory) != 0 ||
      setrlimit(RLIMIT_NOFILE, &files) != 0 ||
      setrlimit(RLIMIT_CORE, &core) != 0) {
    return ErrnoStatus(errno, "limit resources");
  }
  return absl::OkStatus();
}

absl::Status Check(long result, absl::string_view what) {
  return result < 0 ? ErrnoStatus(static_cast<int>(-result), what)
                    : absl::OkStatus();
}

// What shall be the root, as a mount that is attached nowhere yet. Taken before
// the namespace is left, because the descriptor belongs to that.
absl::StatusOr<UniqueFd> DetachedRoot(int directory) {
  const bool none = directory == kNoDirectory;
  UniqueFd tree(static_cast<int>(
      none ? sys::MakeMount("tmpfs", "size=4k,nr_inodes=2,mode=0555",
                            kSafe | MOUNT_ATTR_RDONLY)
           : sys::CloneTree(directory, "", false)));
  RETURN_IF_ERROR(Check(tree.get(), "make a root of its own"));
  if (none) return tree;
  const long set =
      sys::SetMountAttributes(tree.get(), false, kSafe, 0, MS_PRIVATE);
  // Before Linux 5.12 EnterRoot does it.
  if (set != -ENOSYS) RETURN_IF_ERROR(Check(set, "mount without devices"));
  return tree;
}

absl::Status EnterRoot(int tree) {
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return ErrnoStatus(errno, "make mounts private");
  }
  const UniqueFd top(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  RETURN_IF_ERROR(Check(sys::AttachMount(tree, top.get()), "attach the root"));
  if (fchdir(tree) != 0) return ErrnoStatus(errno, "enter the root");
  RETURN_IF_ERROR(Check(sys::PivotRootHere(), "pivot"));
  if (umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) {
    return ErrnoStatus(errno, "leave the old root");
  }
  return absl::OkStatus();
}

bool IsSafe(int fd) {
  constexpr unsigned long kWanted = ST_NODEV | ST_NOSUID | ST_NOEXEC;
  struct statvfs info;
  return fstatvfs(fd, &info) == 0 && (info.f_flag & kWanted) == kWanted;
}

// Only the look of things: for where the parent made sure of the rest.
absl::Status ChangeRoot(int directory, const absl::Status& why) {
  // Without files to open, whatever the root.
  if (directory == kNoDirectory) return absl::OkStatus();
  if (!IsSafe(directory)) return why;
  if (fchdir(directory) != 0 || chroot(".") != 0 || chdir("/") != 0) {
    return ErrnoStatus(errno, "change root");
  }
  return absl::OkStatus();
}

// On a kernel that could not set them on the detached mount.
absl::Status MakeSafe() {
  if (mount(nullptr, "/", nullptr,
            MS_REMOUNT | MS_BIND | MS_NODEV | MS_NOSUID | MS_NOEXEC,
            nullptr) != 0) {
    return ErrnoStatus(errno, "mount without devices");
  }
  return absl::OkStatus();
}

// Puts the new root in the place of the descriptor that still leads out.
absl::Status ReplaceDirectory(int directory) {
  const UniqueFd root(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) return ErrnoStatus(errno, "open the root");
  if (!IsSafe(root.get())) RETURN_IF_ERROR(MakeSafe());
  if (dup3(root.get(), directory, O_CLOEXEC) < 0) {
    return ErrnoStatus(errno, "replace the directory");
  }
  return absl::OkStatus();
}

absl::Status Isolate(int directory) {
  const absl::StatusOr<UniqueFd> tree = DetachedRoot(directory);
  if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) != 0) {
    return ErrnoStatus(errno, "unshare namespaces");
  }
  absl::Status entered = tree.ok() ? EnterRoot(tree->get()) : tree.status();
  if (StatusErrno(entered) == EPERM) entered = ChangeRoot(directory, entered);
  RETURN_IF_ERROR(entered);
  return directory == kNoDirectory ? absl::OkStatus()
                                   : ReplaceDirectory(directory);
}

absl::Status KeepCapabilities(uint64_t wanted) {
  // What the machine withholds from us cannot be kept.
  const uint64_t kept = wanted & kernel::OwnBoundingSet();
  RETURN_IF_ERROR(Check(sys::LimitBoundingSet(kept), "limit capabilities"));
  return Check(sys::SetCapabilities(kept), "drop capabilities");
}

}  // namespace

absl::Status EnterJail(int directory) {
  umask(0);
  // Ends with its parent, also when that is killed.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return ErrnoStatus(errno, "prctl");
  RETURN_IF_ERROR(LimitResources());
  RETURN_IF_ERROR(Isolate(directory));
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return ErrnoStatus(errno, "no new privileges");
  }
  RETURN_IF_ERROR(
      KeepCapabilities(directory == kNoDirectory ? 0 : kDirectoryCapabilities));
  return RestrictToDirectory(directory);
}

absl::Status LockIn(int directory) {
  RETURN_IF_ERROR(EnterJail(directory));
  return InstallSyscallFilter(
      directory == kNoDirectory ? SyscallSet::kStream : SyscallSet::kDirectory);
}

}  // namespace tug::tree
