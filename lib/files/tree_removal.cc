// SPDX-License-Identifier: Apache-2.0
#include "lib/files/tree_removal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug {
namespace {

// How often directories may be found filled again after they were emptied. A
// file system may hide a name from a reader once; who fills them on purpose
// does not hold us up for ever.
constexpr int kMaxRefilled = 1000;
constexpr size_t kAtOnce = 1 << 20;
// Names that are tried for what is moved up; a stranger may have some of them.
constexpr int kMaxTries = 100;

absl::Status Failed(int error, const std::string& name) {
  return ErrnoStatus(error, absl::StrCat("remove ", absl::CHexEscape(name)));
}

// 0, or an errno: EISDIR where the name stands for a directory.
int Unlink(int directory, const char* name) {
  if (unlinkat(directory, name, 0) == 0 || errno == ENOENT) return 0;
  return errno;
}

// 0, or an errno: ENOTEMPTY where something is left in the directory.
int RemoveDirectory(int directory, const char* name) {
  if (unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return 0;
  return errno == EEXIST ? ENOTEMPTY : errno;
}

}  // namespace

TreeRemoval::TreeRemoval(int parent, std::string name, Deep deep,
                         DeferredClose* closer)
    : parent_(parent), name_(std::move(name)), deep_(deep), closer_(closer) {}

// Keeps the kernel from freeing a name's content as part of its removal; none
// without a closer, or where descriptors are short.
UniqueFd TreeRemoval::Hold(int directory, const char* name) const {
  if (closer_ == nullptr) return UniqueFd();
  return UniqueFd(openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
}

void TreeRemoval::Release(UniqueFd held) {
  if (closer_ != nullptr) closer_->Close(std::move(held));
}

// True when there is nothing to walk through.
absl::StatusOr<bool> TreeRemoval::Begin() {
  begun_ = true;
  const int error = Unlink(parent_, name_.c_str());
  if (error == 0) return true;
  if (error != EISDIR) return Failed(error, name_);
  RETURN_IF_ERROR(Descend(parent_, name_));
  if (deep_ == Deep::kFlatten && !walk_.done()) {
    top_.reset(fcntl(walk_.directory(), F_DUPFD_CLOEXEC, 0));
  }
  return false;
}

// False where that cannot be done (quotas of projects may forbid it): the walk
// goes down instead.
bool TreeRemoval::MoveUp(int directory, const char* name) {
  if (!top_ || walk_.depth() < kFlattenBelow) return false;
  for (int i = 0; i < kMaxTries; ++i) {
    const std::string aside = absl::StrCat("moved-", moved_ + i);
    if (renameat2(directory, name, top_.get(), aside.c_str(),
                  RENAME_NOREPLACE) == 0) {
      moved_ += i + 1;
      return true;
    }
    if (errno != EEXIST) return false;
  }
  return false;
}

absl::Status TreeRemoval::Descend(int directory, const std::string& name) {
  const absl::Status entered = walk_.Enter(directory, name);
  // Somebody else was quicker.
  if (StatusErrno(entered) == ENOENT) return absl::OkStatus();
  return Annotate(entered, "remove");
}

absl::Status TreeRemoval::RemoveEntry(const dirent& entry) {
  const int directory = walk_.directory();
  UniqueFd held = Hold(directory, entry.d_name);
  int error = EISDIR;
  if (entry.d_type != DT_DIR) error = Unlink(directory, entry.d_name);
  if (error == EISDIR) error = RemoveDirectory(directory, entry.d_name);
  if (error == 0) {
    Release(std::move(held));
    return absl::OkStatus();
  }
  if (error != ENOTEMPTY) return Failed(error, entry.d_name);
  if (MoveUp(directory, entry.d_name)) return absl::OkStatus();
  return Descend(directory, entry.d_name);
}

// Takes away a directory whose end was reached.
absl::Status TreeRemoval::RemoveEmptied(int directory, const std::string& name,
                                        UniqueFd held) {
  const int error = RemoveDirectory(directory, name.c_str());
  if (error == 0) {
    Release(std::move(held));
    return absl::OkStatus();
  }
  if (error != ENOTEMPTY) return Failed(error, name);
  // What was moved into the top meanwhile is no refilling.
  if (moved_ != moved_before_pass_) {
    moved_before_pass_ = moved_;
  } else if (++refilled_ > kMaxRefilled) {
    return absl::AbortedError(absl::StrCat("remove ", absl::CHexEscape(name),
                                           ": it is being filled meanwhile"));
  }
  return Descend(directory, name);
}

// The deepest level is empty: goes on in the one above. One that is read again
// from its start comes upon the emptied directory by itself.
absl::Status TreeRemoval::Leave() {
  UniqueFd held = Hold(walk_.directory(), ".");
  ASSIGN_OR_RETURN(const TreeWalk::Left left, walk_.Leave());
  if (walk_.done()) return RemoveEmptied(parent_, name_, std::move(held));
  if (left.name.empty()) return absl::OkStatus();
  return RemoveEmptied(walk_.directory(), left.name, std::move(held));
}

absl::StatusOr<bool> TreeRemoval::Advance(size_t entries) {
  if (!begun_) {
    ASSIGN_OR_RETURN(gone_, Begin());
  }
  for (size_t i = 0; i < entries && !gone_ && !walk_.done(); ++i) {
    ASSIGN_OR_RETURN(const dirent* const entry, walk_.Next());
    RETURN_IF_ERROR(entry != nullptr ? RemoveEntry(*entry) : Leave());
  }
  return gone_ || walk_.done();
}

absl::Status RemoveTree(int parent, const std::string& name) {
  TreeRemoval removal(parent, name, TreeRemoval::Deep::kWalk);
  while (true) {
    ASSIGN_OR_RETURN(const bool gone, removal.Advance(kAtOnce));
    if (gone) return absl::OkStatus();
  }
}

}  // namespace tug
