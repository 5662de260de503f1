// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/files/pinned_file.h"
#include "lib/sys/unique_fd.h"

namespace tug::imaged {

// Reads what overlay would show of a stack of directories, without mounting
// it: whiteouts, opaque directories and redirects (overlayfs.rst of the
// kernel) are followed here. It may be used while a container writes to the
// uppermost directory: what vanishes meanwhile is left out.
//
// Every name is opened beneath a layer's root without following symbolic
// links, so a container cannot lead it astray. What a name stands for is looked
// at once, and is read from that very descriptor (PinnedFile); where a
// directory is opened again, only a directory can be opened. Not thread-safe.
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

  // Where a name of a directory was found.
  struct Place {
    size_t layer = 0;
    std::string path;  // Relative to the layer.
    // Index of the part of the parent.
    size_t part = 0;
  };

  // One name in a directory, and what it stood for when it was looked at.
  struct Entry {
    Place place;
    PinnedFile file;
  };

  // `layers`: uppermost first.
  explicit MergedTree(std::vector<UniqueFd> layers)
      : layers_(std::move(layers)) {}

  Directory Root() const;
  int layer_root(size_t layer) const { return layers_[layer].get(); }

  // What a directory shows, sorted by name.
  absl::StatusOr<std::map<std::string, Place>> List(
      const Directory& directory) const;

  // What a listed name stands for; absent when it has vanished since.
  absl::StatusOr<std::optional<Entry>> Look(const Place& place) const;

  // One name; absent when the tree does not show it.
  absl::StatusOr<std::optional<Entry>> Lookup(const Directory& directory,
                                              const std::string& name) const;

  // The directory that `name` of `parent`, found at `place`, stands for.
  absl::StatusOr<Directory> Enter(const Directory& parent,
                                  const std::string& name,
                                  const Place& place) const;

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
