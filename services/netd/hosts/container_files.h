// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/sys/unique_fd.h"

namespace tug::netd {

// The directory `<state>/netd/sandboxes`: one folder a lease, with the files
// that are bound into its container. They are overwritten in place and never
// renamed, because a bind stays with the inode.
//
// Thread-safe for different leases.
class ContainerFiles {
 public:
  static absl::StatusOr<std::unique_ptr<ContainerFiles>> Open(
      const std::string& directory);

  // `lease` is 64 hex digits.
  absl::Status MakeFolder(absl::string_view lease);
  // What to do with a file that somebody edited since we wrote it.
  enum class Edits {
    kDiscard,  // The container starts anew.
    kKeep,     // It runs: its lines stay.
  };
  // Neither of the two waits for a container: a file that it holds a lease on
  // stays as it is, with a line in the log.
  absl::Status WriteHosts(absl::string_view lease, absl::string_view text,
                          Edits edits);
  // Keeping leaves an edited file as it is.
  absl::Status WriteResolvConf(absl::string_view lease, absl::string_view text,
                               Edits edits);
  // Idempotent.
  absl::Status RemoveFolder(absl::string_view lease);

  std::string HostsPath(absl::string_view lease) const;
  std::string ResolvConfPath(absl::string_view lease) const;

 private:
  ContainerFiles(std::string directory, UniqueFd fd)
      : directory_(std::move(directory)), fd_(std::move(fd)) {}
  static absl::Status UnlessHeld(const absl::Status& status,
                                 absl::string_view lease);
  absl::Status TryWriteHosts(absl::string_view lease, absl::string_view text,
                             Edits edits);
  absl::Status TryWriteResolvConf(absl::string_view lease,
                                  absl::string_view text, Edits edits);
  absl::StatusOr<UniqueFd> OpenFile(absl::string_view lease, const char* name,
                                    int flags);
  absl::Status Overwrite(absl::string_view lease, const char* name,
                         absl::string_view text);
  absl::StatusOr<std::string> Read(absl::string_view lease, const char* name);
  // Writes the file, and beside it what was written.
  absl::Status WriteOurs(absl::string_view lease, const char* name,
                         const char* written_name, absl::string_view text,
                         absl::string_view ours);

  const std::string directory_;
  const UniqueFd fd_;
};

}  // namespace tug::netd
