// SPDX-License-Identifier: Apache-2.0
#include "lib/program/user.h"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/sys/process.h"

namespace tug {

absl::Status BecomeUser(const std::string& name) {
  errno = 0;
  const passwd* user = getpwnam(name.c_str());
  if (user == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("become user ", name, ": there is no such user"));
  }
  const uid_t uid = user->pw_uid;
  const gid_t gid = user->pw_gid;
  const long limited = sys::LimitBoundingSet(0);
  if (limited < 0) {
    return ErrnoStatus(static_cast<int>(-limited), "limit the bounding set");
  }
  if (initgroups(name.c_str(), gid) != 0 || setresgid(gid, gid, gid) != 0 ||
      setresuid(uid, uid, uid) != 0 ||
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      // As after an exec: else /proc/self/fd belongs to root, and the
      // configuration that tugd passes there cannot be opened.
      prctl(PR_SET_DUMPABLE, 1) != 0) {
    return ErrnoStatus(errno, absl::StrCat("become user ", name));
  }
  return absl::OkStatus();
}

}  // namespace tug
