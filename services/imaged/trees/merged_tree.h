// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/sys/unique_fd.h"

namespace tug::imaged {

// Reads what overlay would show of a stack of directories, without mounting
// it: whiteouts, opaque directories and redirects (overlayfs.rst of the
// kernel) are followed here. It may be used while a container writes to the
// uppermost directory: what vanishes meanwhile is left out.
//
// Every name is opened beneath a layer's root without following symbolic
// links, so a container cannot lead it astray. Not thread-safe.
class MergedTree {
 public:
  // A directory of the merged tree: where its parts are, uppermost first.
  struct Directory {
    struct Part {
      size_t layer;
      std::string path;  // Relative to the layer; "." is its root.
    };
    std::vector<Part> parts;
  };

  // One name in a directory.
  struct Entry {
    size_t layer = 0;
    std::string path;  // Relative to the layer.
    struct stat info = {};
    // Index of the part of the parent it was found in.
    size_t part = 0;
  };

  // `layers`: uppermost first.
  explicit MergedTree(std::vector<UniqueFd> layers)
      : layers_(std::move(layers)) {}

  Directory Root() const;
  int layer_root(size_t layer) const { return layers_[layer].get(); }

  // What a directory shows, sorted by name.
  absl::StatusOr<std::map<std::string, Entry>> List(
      const Directory& directory) const;

  // One name; absent when the tree does not show it.
  absl::StatusOr<std::optional<Entry>> Lookup(const Directory& directory,
                                              const std::string& name) const;

  // The directory that `entry` of `parent` stands for.
  absl::StatusOr<Directory> Enter(const Directory& parent,
                                  const std::string& name,
                                  const Entry& entry) const;

  // Opens an entry's file or directory for reading; never blocks on a FIFO.
  absl::StatusOr<UniqueFd> Open(const Entry& entry) const;

  // Where an absolute path leads, symbolic links resolved inside the tree.
  struct Resolved {
    std::string name;  // Last component; empty for the root.
    Directory parent;
    std::optional<Entry> entry;          // Absent for the root.
    std::optional<Directory> directory;  // When it is one.
  };
  // NOT_FOUND when there is nothing, INVALID_ARGUMENT for a link loop.
  absl::StatusOr<Resolved> Resolve(absl::string_view path) const;

 private:
  std::vector<UniqueFd> layers_;
};

// Whether an entry of a layer hides the name below it.
bool IsWhiteout(const struct stat& info);

// Whether a directory hides everything below it.
bool IsOpaque(int directory);

}  // namespace tug::imaged
