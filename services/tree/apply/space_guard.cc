// SPDX-License-Identifier: Apache-2.0
#include "services/tree/apply/space_guard.h"

#include <errno.h>
#include <sys/vfs.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::tree {
namespace {

// What the parent recognises: no disk says this.
constexpr char kTooMuch[] = "more space than it may have";

absl::StatusOr<int64_t> FreeBytes(int directory) {
  struct statfs info;
  if (fstatfs(directory, &info) != 0) {
    return ErrnoStatus(errno, "look at the free space");
  }
  return static_cast<int64_t>(info.f_bavail) *
         static_cast<int64_t>(info.f_bsize);
}

}  // namespace

absl::StatusOr<int64_t> LeastFree(int directory, int percent) {
  ASSIGN_OR_RETURN(const int64_t free, FreeBytes(directory));
  // In two steps, because a product of large numbers would not fit.
  return free - free / 100 * percent;
}

absl::Status ExplainSpace(const absl::Status& status, int percent,
                          const char* key) {
  if (!absl::IsResourceExhausted(status) ||
      !absl::StrContains(status.message(), kTooMuch)) {
    return status;
  }
  return absl::ResourceExhaustedError(absl::StrCat(
      "it takes more than ", percent,
      "% of the space that was free on the disk: make room, or raise ", key));
}

absl::Status SpaceGuard::Charge(int64_t bytes) {
  unseen_ += bytes;
  if (unseen_ < kStep) return absl::OkStatus();
  unseen_ = 0;
  ASSIGN_OR_RETURN(const int64_t free, FreeBytes(directory_));
  if (free >= least_free_) return absl::OkStatus();
  return absl::ResourceExhaustedError(kTooMuch);
}

}  // namespace tug::tree
