// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/tmpfs_options.h"

#include <linux/mount.h>

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {
namespace {

struct Flag {
  const char* name;
  bool set;
  uint64_t bits;
};

constexpr Flag kFlags[] = {
    {"ro", true, MOUNT_ATTR_RDONLY},
    {"rw", false, MOUNT_ATTR_RDONLY},
    {"nosuid", true, MOUNT_ATTR_NOSUID},
    {"suid", false, MOUNT_ATTR_NOSUID},
    {"nodev", true, MOUNT_ATTR_NODEV},
    {"dev", false, MOUNT_ATTR_NODEV},
    {"noexec", true, MOUNT_ATTR_NOEXEC},
    {"exec", false, MOUNT_ATTR_NOEXEC},
    {"noatime", true, MOUNT_ATTR_NOATIME},
    {"atime", false, MOUNT_ATTR_NOATIME},
    {"nodiratime", true, MOUNT_ATTR_NODIRATIME},
    {"diratime", false, MOUNT_ATTR_NODIRATIME},
    {"strictatime", true, MOUNT_ATTR_STRICTATIME},
    {"nostrictatime", false, MOUNT_ATTR_STRICTATIME},
    {"relatime", false, MOUNT_ATTR_STRICTATIME},
    {"norelatime", true, 0},
    {"defaults", true, 0},
    {"async", true, 0},
    {"nomand", true, 0},
};

// Flags of the file system, not of the mount: the kernel takes them as they
// are.
constexpr absl::string_view kFileSystemFlags[] = {"sync", "dirsync", "mand"};

constexpr absl::string_view kPropagations[] = {"private", "rprivate", "shared",
                                               "rshared", "slave",    "rslave"};

template <size_t kCount>
bool IsOneOf(absl::string_view word, const absl::string_view (&words)[kCount]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

constexpr absl::string_view kOwn[] = {"size",      "mode",      "uid", "gid",
                                      "nr_inodes", "nr_blocks", "mpol"};

bool ApplyFlag(absl::string_view word, uint64_t& attributes) {
  for (const Flag& flag : kFlags) {
    if (word != flag.name) continue;
    attributes = flag.set ? attributes | flag.bits : attributes & ~flag.bits;
    return true;
  }
  return false;
}

bool IsOwn(absl::string_view word) {
  const std::pair<absl::string_view, absl::string_view> pair =
      absl::StrSplit(word, absl::MaxSplits('=', 1));
  if (pair.second.empty()) return false;
  return IsOneOf(pair.first, kOwn);
}

}  // namespace

absl::StatusOr<TmpfsOptions> ParseTmpfsOptions(absl::string_view text) {
  TmpfsOptions parsed;
  parsed.attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  for (absl::string_view word : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    if (ApplyFlag(word, parsed.attributes)) continue;
    if (IsOneOf(word, kPropagations)) {
      parsed.propagation = std::string(word);
      continue;
    }
    if (!IsOwn(word) && !IsOneOf(word, kFileSystemFlags)) {
      return SpecError(absl::StrCat("invalid tmpfs option \"",
                                    word.substr(0, word.find('=')), "\""));
    }
    absl::StrAppend(&parsed.options, parsed.options.empty() ? "" : ",", word);
  }
  return parsed;
}

}  // namespace tug::runtimed
