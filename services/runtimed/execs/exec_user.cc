// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/execs/exec_user.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/file.h"
#include "lib/sys/foreign_file.h"
#include "lib/sys/unique_fd.h"
#include "services/runtimed/init/user_lookup.h"
#include "services/runtimed/runtime/container_process.h"

namespace tug::runtimed {
namespace {

absl::Status Refuse(absl::string_view text) {
  return WithReason(absl::InvalidArgumentError(text), "EXEC_SPEC_INVALID");
}

// A regular file of the container's root file system itself. Nothing else is
// opened: a device would be with the host's rights, and a file system of the
// container's own could keep us for ever. Empty when absent; nullopt for what
// is not read here.
std::optional<std::string> ReadOwnFile(const UniqueFd& root, const char* path) {
  const long found =
      sys::OpenAt2(root.get(), path, O_PATH, 0,
                   RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);
  if (found == -ENOENT || found == -ENOTDIR) return "";
  if (found < 0) return std::nullopt;
  const UniqueFd place(static_cast<int>(found));
  struct stat status = {};
  if (fstat(place.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_size > static_cast<off_t>(kMaxUserFileSize)) {
    return std::nullopt;
  }
  // The same file, not the path a second time.
  const std::string again = absl::StrCat("/proc/self/fd/", place.get());
  const UniqueFd file(open(again.c_str(), O_RDONLY | sys::kNeverWait));
  if (!file.valid()) return std::nullopt;
  std::string text(static_cast<size_t>(status.st_size), '\0');
  const long size = sys::ReadUpTo(file.get(), text.data(), text.size());
  if (size < 0) return std::nullopt;
  text.resize(static_cast<size_t>(size));
  return text;
}

absl::Status UnknownError(const std::string& user, bool missing_group) {
  const size_t colon = user.find(':');
  return missing_group
             ? Refuse(absl::StrCat("unable to find group ",
                                   user.substr(colon + 1),
                                   ": no matching entries in group file"))
             : Refuse(absl::StrCat("unable to find user ",
                                   user.substr(0, colon),
                                   ": no matching entries in passwd file"));
}

}  // namespace

absl::Status CheckExecUser(const LiveContainer& live, const std::string& user) {
  if (user.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const UniqueFd process, OpenProcess(live));
  const UniqueFd root(
      openat(process.get(), "root", O_PATH | O_DIRECTORY | O_CLOEXEC));
  // It has just ended, or is about to: the start will say so.
  if (!root.valid()) return absl::OkStatus();
  const auto passwd = ReadOwnFile(root, "etc/passwd");
  const auto group = ReadOwnFile(root, "etc/group");
  if (!passwd.has_value() || !group.has_value()) return absl::OkStatus();
  const auto ids = std::make_unique<UserIds>();
  bool missing_group = false;
  const long error =
      LookUpUser(user.c_str(), {passwd->data(), passwd->size()},
                 {group->data(), group->size()}, ids.get(), &missing_group);
  if (error == -ENOENT) return UnknownError(user, missing_group);
  if (error == -EINVAL) {
    return Refuse("uids and gids must be in range 0-2147483647");
  }
  return absl::OkStatus();
}

}  // namespace tug::runtimed
