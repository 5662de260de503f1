// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <string>

#include "absl/status/statusor.h"
#include "lib/sys/unique_fd.h"

namespace tug {

// What a name stood for at one moment, in a tree that others change meanwhile.
// The name is looked at once, with O_PATH, which opens nothing: a device or
// FIFO does not notice. Everything else is asked of that descriptor, so that
// what was checked is what is read.
class PinnedFile {
 public:
  // `path` below the directory `root`, without following a symbolic link
  // anywhere and without leaving `root`.
  static absl::StatusOr<PinnedFile> Open(int root, const std::string& path);

  const struct stat& info() const { return info_; }
  int fd() const { return fd_.get(); }

  // Opens a regular file or a directory for reading; FAILED_PRECONDITION for
  // anything else, since opening a device or FIFO has effects of its own.
  absl::StatusOr<UniqueFd> OpenForReading() const;

  // Where a symbolic link leads.
  absl::StatusOr<std::string> ReadLink() const;

 private:
  PinnedFile(UniqueFd fd, const struct stat& info)
      : fd_(std::move(fd)), info_(info) {}

  UniqueFd fd_;
  struct stat info_;
};

}  // namespace tug
