// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/stacks/base_layer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"
#include "services/imaged/files/directory.h"

namespace tug::imaged {
namespace {

constexpr mode_t kMode = 0755;
constexpr char kMountsLink[] = "/proc/mounts";

enum class Kind { kDirectory, kFile, kMountsLink };

struct Name {
  const char* path;
  Kind kind;
};

// As Docker's init layer, which lies above the image instead. Parents come
// first.
constexpr Name kNames[] = {
    {".dockerenv", Kind::kFile},     {"dev", Kind::kDirectory},
    {"dev/console", Kind::kFile},    {"dev/pts", Kind::kDirectory},
    {"dev/shm", Kind::kDirectory},   {"etc", Kind::kDirectory},
    {"etc/hostname", Kind::kFile},   {"etc/hosts", Kind::kFile},
    {"etc/mtab", Kind::kMountsLink}, {"etc/resolv.conf", Kind::kFile},
    {"proc", Kind::kDirectory},      {"sys", Kind::kDirectory},
};

// An existing one is of an earlier start, and right.
absl::Status Make(int base, const Name& name) {
  bool made = false;
  switch (name.kind) {
    case Kind::kDirectory:
      made = mkdirat(base, name.path, kMode) == 0;
      break;
    case Kind::kFile:
      made = UniqueFd(openat(base, name.path,
                             O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, kMode))
                 .valid();
      break;
    case Kind::kMountsLink:
      made = symlinkat(kMountsLink, base, name.path) == 0;
      break;
  }
  if (!made && errno == EEXIST) return absl::OkStatus();
  // Whatever the umask is.
  if (made && (name.kind == Kind::kMountsLink ||
               fchmodat(base, name.path, kMode, 0) == 0)) {
    return absl::OkStatus();
  }
  return ErrnoStatus(errno,
                     absl::StrCat("make /", name.path, " of the base layer"));
}

}  // namespace

absl::Status MakeBaseLayer(int state) {
  ASSIGN_OR_RETURN(const UniqueFd base,
                   MakeDirectory(state, kBaseLayer, kMode));
  if (fchmod(base.get(), kMode) != 0) {
    return ErrnoStatus(errno, "chmod the base layer");
  }
  for (const Name& name : kNames) RETURN_IF_ERROR(Make(base.get(), name));
  return absl::OkStatus();
}

bool IsOfBaseLayer(absl::string_view path) {
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](const Name& name) {
                       return !path.empty() && path.substr(1) == name.path;
                     });
}

}  // namespace tug::imaged
