// SPDX-License-Identifier: Apache-2.0
#include "services/tree/apply/archive_error.h"

#include <errno.h>

#include "lib/base/status.h"

namespace tug::tree {

absl::Status InvalidArchive(absl::string_view why) {
  return absl::InvalidArgumentError(why);
}

absl::Status ArchiveError(int error, absl::string_view what) {
  if (error < 0) error = -error;
  const absl::Status status = ErrnoStatus(error, what);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case EXDEV:
    case EEXIST:
    case EISDIR:
      return absl::InvalidArgumentError(status.message());
    default:
      return status;
  }
}

}  // namespace tug::tree
