// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/stacks/base_hints.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/imaged/files/directory.h"

namespace tug::imaged {
namespace {

constexpr uint64_t kResolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;

// What ends the search with nothing to tell: a whiteout or a file stands on
// the way, or no path of this layer leads there.
bool HidesTheRest(int error) {
  return error == -ENOTDIR || error == -ELOOP || error == -ENAMETOOLONG;
}

absl::StatusOr<tree::BaseHint> FindHint(const std::vector<UniqueFd>& below,
                                        const std::string& path) {
  for (const UniqueFd& layer : below) {
    const UniqueFd found(
        OpenResolved(layer.get(), path.c_str(), O_PATH, kResolve));
    if (found.get() == -ENOENT) continue;
    if (HidesTheRest(found.get())) break;
    struct stat info;
    if (found.get() < 0 || fstat(found.get(), &info) != 0) {
      return ErrnoStatus(found.get() < 0 ? found.get() : errno,
                         absl::StrCat("look at ", absl::CHexEscape(path),
                                      " in the layers below"));
    }
    if (!S_ISDIR(info.st_mode)) break;
    return tree::BaseHint{info.st_mode & 07777, info.st_uid, info.st_gid};
  }
  return tree::BaseHint();
}

}  // namespace

absl::StatusOr<tree::BaseHints> FindBaseHints(
    const std::vector<UniqueFd>& below,
    const std::vector<std::string>& implicit,
    const std::function<bool()>& cancelled) {
  tree::BaseHints hints;
  for (const std::string& path : implicit) {
    if (cancelled && cancelled()) {
      return absl::CancelledError("the caller has left");
    }
    ASSIGN_OR_RETURN(const tree::BaseHint hint, FindHint(below, path));
    if (!hint.IsTrivial()) hints[path] = hint;
  }
  return hints;
}

}  // namespace tug::imaged
