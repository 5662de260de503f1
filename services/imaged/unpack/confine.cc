// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/unpack/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"
#include "services/imaged/unpack/syscall_filter.h"

namespace tug::imaged {
namespace {

constexpr uint64_t Bit(int capability) { return uint64_t{1} << capability; }

// Writing any owner, mode, device and file capability below one directory.
constexpr uint64_t kLayerCapabilities = Bit(CAP_CHOWN) | Bit(CAP_DAC_OVERRIDE) |
                                        Bit(CAP_FOWNER) | Bit(CAP_FSETID) |
                                        Bit(CAP_MKNOD) | Bit(CAP_SETFCAP);

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

absl::Status LeaveNetwork() {
  if (unshare(CLONE_NEWNET | CLONE_NEWIPC) != 0) {
    return ErrnoStatus(errno, "unshare network and IPC");
  }
  return absl::OkStatus();
}

absl::Status Isolate() {
  // Ends with imaged, also when that is killed.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return ErrnoStatus(errno, "prctl");
  RETURN_IF_ERROR(LeaveNetwork());
  return LimitResources();
}

absl::Status KeepCapabilities(uint64_t kept) {
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0;
       ++capability) {
    if ((kept & Bit(capability)) != 0) continue;
    if (prctl(PR_CAPBSET_DROP, capability) != 0) {
      return ErrnoStatus(errno, "drop bounding capability");
    }
  }
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  for (int half = 0; half < 2; ++half) {
    data[half].permitted = static_cast<uint32_t>(kept >> (32 * half));
    data[half].effective = data[half].permitted;
  }
  if (syscall(SYS_capset, &header, data) != 0) {
    return ErrnoStatus(errno, "drop capabilities");
  }
  return absl::OkStatus();
}

// Files may be written below `directory` and touched nowhere else. A kernel
// without Landlock leaves this to the changed root.
absl::Status RestrictFiles(int directory) {
  const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0,
                               LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return absl::OkStatus();
  landlock_ruleset_attr rules = {};
  // All rights of the first version; REFER, of the second, permits links from
  // one directory to another.
  rules.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
  if (version >= 2) rules.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
  // The first version refuses such links always, which layers need.
  if (version < 2) return absl::OkStatus();
  const UniqueFd ruleset(static_cast<int>(
      syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0)));
  if (!ruleset) return ErrnoStatus(errno, "landlock ruleset");
  landlock_path_beneath_attr beneath = {};
  beneath.parent_fd = directory;
  beneath.allowed_access =
      rules.handled_access_fs & ~uint64_t{LANDLOCK_ACCESS_FS_EXECUTE};
  if (syscall(SYS_landlock_add_rule, ruleset.get(), LANDLOCK_RULE_PATH_BENEATH,
              &beneath, 0) != 0 ||
      syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
    return ErrnoStatus(errno, "landlock");
  }
  return absl::OkStatus();
}

absl::Status Lock(uint64_t capabilities) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return ErrnoStatus(errno, "no new privileges");
  }
  return KeepCapabilities(capabilities);
}

}  // namespace

absl::Status ConfineForLayer(int directory) {
  umask(0);
  RETURN_IF_ERROR(Isolate());
  if (fchdir(directory) != 0 || chroot(".") != 0 || chdir("/") != 0) {
    return ErrnoStatus(errno, "change root");
  }
  RETURN_IF_ERROR(Lock(kLayerCapabilities));
  RETURN_IF_ERROR(RestrictFiles(directory));
  return InstallSyscallFilter(SyscallSet::kLayer);
}

absl::Status ConfineForFilter() {
  RETURN_IF_ERROR(Isolate());
  RETURN_IF_ERROR(Lock(0));
  return InstallSyscallFilter(SyscallSet::kFilter);
}

}  // namespace tug::imaged
