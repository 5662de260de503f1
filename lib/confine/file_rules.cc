// SPDX-License-Identifier: Apache-2.0
#include "lib/confine/file_rules.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"

namespace tug {
namespace {

// The first version forbids every link and rename between directories.
constexpr long kFirstUsefulVersion = 2;
constexpr long kTruncateVersion = 3;
constexpr long kScopeVersion = 6;

// As of version 6; the headers of Debian 12 are older.
struct RulesetAttributes {
  uint64_t handled_access_fs;
  uint64_t handled_access_net;
  uint64_t scoped;
};
constexpr uint64_t kScopeAbstractSocket = 1 << 0;
constexpr uint64_t kScopeSignal = 1 << 1;
constexpr uint64_t kTruncate = 1 << 14;

constexpr uint64_t kReadRights =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
// All rights of the second version.
constexpr uint64_t kAllRights = (LANDLOCK_ACCESS_FS_REFER << 1) - 1;
// Those that a rule on something else than a directory may name.
constexpr uint64_t kFileRights = LANDLOCK_ACCESS_FS_READ_FILE |
                                 LANDLOCK_ACCESS_FS_WRITE_FILE |
                                 LANDLOCK_ACCESS_FS_EXECUTE | kTruncate;

long Version() {
  return syscall(SYS_landlock_create_ruleset, nullptr, 0,
                 LANDLOCK_CREATE_RULESET_VERSION);
}

uint64_t RightsOf(FileAccess access) {
  switch (access) {
    case FileAccess::kRead:
      return kReadRights;
    case FileAccess::kExecute:
      return kReadRights | LANDLOCK_ACCESS_FS_EXECUTE;
    case FileAccess::kWrite:
      return kReadRights | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;
    case FileAccess::kOwn:
      return (kAllRights | kTruncate) & ~uint64_t{LANDLOCK_ACCESS_FS_EXECUTE};
  }
  return 0;
}

absl::StatusOr<UniqueFd> MakeRuleset(const RulesetAttributes& attributes,
                                     long version) {
  // Older kernels refuse fields that they do not know.
  const size_t size = version >= kScopeVersion
                          ? sizeof(attributes)
                          : sizeof(attributes.handled_access_fs);
  UniqueFd ruleset(static_cast<int>(
      syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (!ruleset) return ErrnoStatus(errno, "make a Landlock ruleset");
  return ruleset;
}

absl::Status AddRule(const UniqueFd& ruleset, const FileRule& rule,
                     uint64_t handled) {
  const UniqueFd parent(open(rule.path.c_str(), O_PATH | O_CLOEXEC));
  if (!parent) {
    const bool out_of_reach =
        errno == ENOENT || errno == ENOTDIR || errno == EACCES;
    if (out_of_reach) return absl::OkStatus();
    return ErrnoStatus(errno, absl::StrCat("open ", rule.path));
  }
  struct stat found = {};
  if (fstat(parent.get(), &found) != 0) return ErrnoStatus(errno, "stat");
  landlock_path_beneath_attr beneath = {};
  beneath.parent_fd = parent.get();
  beneath.allowed_access = RightsOf(rule.access) & handled;
  if (!S_ISDIR(found.st_mode)) beneath.allowed_access &= kFileRights;
  if (syscall(SYS_landlock_add_rule, ruleset.get(), LANDLOCK_RULE_PATH_BENEATH,
              &beneath, 0) != 0) {
    return ErrnoStatus(errno, absl::StrCat("add a rule for ", rule.path));
  }
  return absl::OkStatus();
}

absl::Status Enforce(const UniqueFd& ruleset) {
  if (syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
    return ErrnoStatus(errno, "enforce Landlock");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RestrictFiles(const std::vector<FileRule>& rules,
                           bool may_signal) {
  const long version = Version();
  if (version < kFirstUsefulVersion) return absl::OkStatus();
  RulesetAttributes attributes = {kAllRights, 0, 0};
  if (version >= kTruncateVersion) attributes.handled_access_fs |= kTruncate;
  if (version >= kScopeVersion) {
    attributes.scoped =
        may_signal ? kScopeAbstractSocket : kScopeAbstractSocket | kScopeSignal;
  }
  ASSIGN_OR_RETURN(const UniqueFd ruleset, MakeRuleset(attributes, version));
  for (const FileRule& rule : rules) {
    RETURN_IF_ERROR(AddRule(ruleset, rule, attributes.handled_access_fs));
  }
  return Enforce(ruleset);
}

absl::Status RestrictSignals() {
  const long version = Version();
  if (version < kScopeVersion) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const UniqueFd ruleset,
      MakeRuleset({0, 0, kScopeAbstractSocket | kScopeSignal}, version));
  return Enforce(ruleset);
}

std::vector<FileRule> SystemFileRules() {
  return {{"/etc", FileAccess::kRead},        {"/usr", FileAccess::kExecute},
          {"/lib", FileAccess::kExecute},     {"/lib64", FileAccess::kExecute},
          {"/lib32", FileAccess::kExecute},   {"/proc", FileAccess::kRead},
          {"/sys", FileAccess::kRead},        {"/dev/null", FileAccess::kWrite},
          {"/dev/urandom", FileAccess::kRead}};
}

}  // namespace tug
