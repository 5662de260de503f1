// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "lib/archive/tar_reader.h"
#include "lib/sys/unique_fd.h"
#include "services/tree/apply/base_hint.h"
#include "services/tree/apply/entry_path.h"
#include "services/tree/apply/space_guard.h"
#include "services/tree/report/report.h"

namespace tug::tree {

// Most entries of one archive.
inline constexpr int64_t kMaxEntries = 10'000'000;

// Most memory for the times of directories, which are set at the end.
inline constexpr size_t kMaxDirectoryTimesBytes = 256 << 20;

// What an archive's names mean.
enum class TreeForm {
  // A layer of an image, written in overlay's form: whiteouts become 0:0
  // devices, opaque directories are reported (the attribute needs rights that
  // this process lacks), and so are directories without an entry.
  kLayer,
  // Files, nothing else: a name like a whiteout's is a name.
  kPlain,
};

// Writes the entries of a tar into a directory. Nothing outside the directory
// can be reached: every path is resolved by the kernel with the directory as
// root.
//
// Not thread-safe; one object an archive.
class TreeApplier {
 public:
  // Borrows hints, space and report.
  TreeApplier(int root, TreeForm form, const BaseHints& hints,
              SpaceGuard& space, ReportWriter& report)
      : root_(root),
        form_(form),
        hints_(hints),
        space_(space),
        report_(report) {}

  // INVALID_ARGUMENT for what an archive may not hold, RESOURCE_EXHAUSTED for
  // a full disk and for one that the guard says is full enough.
  absl::Status Apply(archive::TarReader& reader);

  // Bytes on disk of what was written.
  int64_t bytes() const { return bytes_; }

 private:
  struct Time {
    int64_t seconds;
    int32_t nanoseconds;
  };

  absl::Status ApplyEntry(const archive::TarEntry& entry,
                          archive::TarReader& reader);
  absl::Status ApplyRoot(const archive::TarEntry& entry);
  // Of a layer; nobody wants to know it of files.
  absl::Status Report(ReportKind kind, const std::string& path);
  absl::Status ApplyWhiteout(int parent, const std::string& name);
  absl::Status ApplyFile(int parent, const std::string& name,
                         const archive::TarEntry& entry,
                         archive::TarReader& reader);
  absl::Status ApplyDirectory(int parent, const std::string& name,
                              const std::string& path,
                              const archive::TarEntry& entry);
  absl::Status ApplyHardLink(int parent, const std::string& name,
                             const archive::TarEntry& entry);
  absl::Status ApplySymlink(int parent, const std::string& name,
                            const archive::TarEntry& entry);
  absl::Status ApplyNode(int parent, const std::string& name,
                         const archive::TarEntry& entry);

  // The descriptor of a directory, from a cache; valid until the next call.
  // Makes what is missing when `make`.
  absl::StatusOr<int> OpenDirectory(const std::string& path, bool make);
  absl::StatusOr<UniqueFd> MakeMissing(const std::string& path);
  // One directory that the archive does not describe.
  absl::Status MakeImplicit(int parent, const std::string& name,
                            const std::string& path);
  // Owner, mode, attributes and time of a hard link's entry: as in Docker the
  // last entry of a file decides. `info` is what stands there.
  absl::Status SetLinkAttributes(int parent, const std::string& name,
                                 const struct stat& info,
                                 const archive::TarEntry& entry);
  // Makes a directory; replaces a whiteout, and with `replace` anything else
  // that is no directory.
  absl::Status MakeDirectoryAt(int parent, const std::string& name,
                               const std::string& path, bool replace);
  // Clears the way for a new entry.
  absl::Status RemoveExisting(int parent, const std::string& name);
  absl::Status RememberTime(const std::string& path,
                            const archive::TarEntry& entry);
  absl::Status FinishDirectories();

  const int root_;
  const TreeForm form_;
  const BaseHints& hints_;
  SpaceGuard& space_;
  ReportWriter& report_;
  int64_t bytes_ = 0;
  int64_t entries_ = 0;
  std::map<std::string, UniqueFd> open_directories_;
  // Set at the end, because every entry below changes them.
  std::map<std::string, Time> directory_times_;
  size_t directory_times_bytes_ = 0;
};

}  // namespace tug::tree
