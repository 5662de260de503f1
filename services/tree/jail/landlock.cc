// SPDX-License-Identifier: Apache-2.0
#include "services/tree/jail/landlock.h"

#include <errno.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "lib/base/status.h"
#include "lib/sys/unique_fd.h"
#include "services/tree/jail/jail.h"

namespace tug::tree {
namespace {

// As the newest kernel has it; the headers may be older.
struct Ruleset {
  uint64_t files = 0;
  uint64_t network = 0;  // From version 4.
  uint64_t scoped = 0;   // From version 6.
};
constexpr size_t kSizeBeforeNetwork = 8;
constexpr size_t kSizeBeforeScopes = 16;

constexpr uint64_t kFirstFileRights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
constexpr uint64_t kLinkAcross = 1 << 13;     // REFER, version 2.
constexpr uint64_t kTruncate = 1 << 14;       // Version 3.
constexpr uint64_t kDeviceControl = 1 << 15;  // IOCTL_DEV, version 5.
constexpr uint64_t kBindAndConnectTcp = 3;
constexpr uint64_t kAbstractSocketsAndSignals = 3;

Ruleset RulesOf(long version) {
  Ruleset rules;
  rules.files = kFirstFileRights;
  if (version >= 2) rules.files |= kLinkAcross;
  if (version >= 3) rules.files |= kTruncate;
  if (version >= 5) rules.files |= kDeviceControl;
  if (version >= 4) rules.network = kBindAndConnectTcp;
  if (version >= 6) rules.scoped = kAbstractSocketsAndSignals;
  return rules;
}

size_t SizeOf(long version) {
  if (version < 4) return kSizeBeforeNetwork;
  return version < 6 ? kSizeBeforeScopes : sizeof(Ruleset);
}

}  // namespace

absl::Status RestrictToDirectory(int directory) {
  const long version = syscall(SYS_landlock_create_ruleset, nullptr, 0,
                               LANDLOCK_CREATE_RULESET_VERSION);
  // The first version refuses links from one directory to another, which
  // layers need, always.
  if (version < 1 || (version < 2 && directory != kNoDirectory)) {
    return absl::OkStatus();
  }
  const Ruleset rules = RulesOf(version);
  const UniqueFd ruleset(static_cast<int>(
      syscall(SYS_landlock_create_ruleset, &rules, SizeOf(version), 0)));
  if (!ruleset) return ErrnoStatus(errno, "landlock ruleset");
  if (directory != kNoDirectory) {
    landlock_path_beneath_attr beneath = {};
    beneath.parent_fd = directory;
    beneath.allowed_access =
        rules.files & ~(LANDLOCK_ACCESS_FS_EXECUTE | kDeviceControl);
    if (syscall(SYS_landlock_add_rule, ruleset.get(),
                LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) != 0) {
      return ErrnoStatus(errno, "landlock rule");
    }
  }
  if (syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
    return ErrnoStatus(errno, "landlock");
  }
  return absl::OkStatus();
}

}  // namespace tug::tree
