// SPDX-License-Identifier: Apache-2.0
//
// Masked paths: files are covered with a null device whose number was checked
// (CVE-2025-31133), directories with one empty read-only tmpfs that is shared
// by all of them. Read-only paths: covered with themselves.
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "lib/sys/file.h"
#include "lib/sys/mount.h"
#include "services/runtimed/init/mount_attributes.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

constexpr unsigned kMemMajor = 1;
constexpr unsigned kNullMinor = 3;
constexpr uint64_t kMaskAttributes =
    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;

bool IsAbsent(long error) { return error == -ENOENT || error == -ENOTDIR; }

// The container's own null device where /dev is ours, else the host's.
long OpenNull(InitContext& context, UniqueFd* null) {
  if (context.dev < 0) {
    null->reset(context.host_null);
    context.host_null = -1;
    return null->valid() ? 0 : -ENODEV;
  }
  const long fd = sys::OpenAt2(context.dev, "null", O_PATH, 0,
                               RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (fd < 0) return fd;
  null->reset(static_cast<int>(fd));
  struct stat status = {};
  if (fstat(null->get(), &status) != 0) return -errno;
  const bool right = S_ISCHR(status.st_mode) &&
                     status.st_rdev == makedev(kMemMajor, kNullMinor);
  return right ? 0 : -ENXIO;
}

// Covers with copies of one mount: the first use attaches it.
class Cover {
 public:
  // `mount`: detached; or `source`: something attached to copy from.
  Cover(UniqueFd mount, UniqueFd source)
      : mount_(std::move(mount)), source_(std::move(source)) {}

  // The host's null device is of a peer group: the copy must leave it.
  long Put(InitContext& context, int target) {
    UniqueFd copy;
    if (!mount_) {
      const long fd = sys::CloneTree(source_.get(), "", false);
      if (fd < 0) return fd;
      copy.reset(static_cast<int>(fd));
    } else {
      copy = std::move(mount_);
    }
    long error = sys::AttachMount(copy.get(), target);
    if (error < 0) return error;
    error = AddAttributes(context, copy.get(), false, kMaskAttributes);
    if (error == 0) {
      error = SetPropagation(context, copy.get(), PlanPropagation::kPrivate);
    }
    if (!source_) source_ = std::move(copy);
    return error;
  }

 private:
  UniqueFd mount_;
  UniqueFd source_;
};

long MakeFileCover(InitContext& context, Cover* cover) {
  const bool ours = context.dev >= 0;
  UniqueFd null;
  const long error = OpenNull(context, &null);
  if (error < 0) return error;
  *cover = ours ? Cover(UniqueFd(), std::move(null))
                : Cover(std::move(null), UniqueFd());
  return 0;
}

long MakeDirectoryCover(Cover* cover) {
  const long fd =
      sys::MakeMount("tmpfs", "mode=755,size=4k,nr_inodes=1", kMaskAttributes);
  if (fd < 0) return fd;
  *cover = Cover(UniqueFd(static_cast<int>(fd)), UniqueFd());
  return 0;
}

// Both kinds of cover, each made when first needed.
struct Covers {
  Cover file{UniqueFd(), UniqueFd()};
  Cover directory{UniqueFd(), UniqueFd()};
  bool has_file = false;
  bool has_directory = false;
};

long Mask(InitContext& context, Covers& covers, const char* path) {
  const long opened = sys::OpenInRoot(context.root, path, O_PATH);
  if (IsAbsent(opened)) return 0;
  if (opened < 0) return opened;
  const UniqueFd target(static_cast<int>(opened));
  struct stat status = {};
  if (fstat(target.get(), &status) != 0) return -errno;
  const bool directory = S_ISDIR(status.st_mode);
  bool& made = directory ? covers.has_directory : covers.has_file;
  Cover& cover = directory ? covers.directory : covers.file;
  if (!made) {
    const long error =
        directory ? MakeDirectoryCover(&cover) : MakeFileCover(context, &cover);
    if (error < 0) return error;
    made = true;
  }
  return cover.Put(context, target.get());
}

}  // namespace

long MaskPaths(InitContext& context) {
  const PlanTable& paths = context.plan->masked_paths;
  Covers covers;
  for (uint32_t i = 0; i < paths.count; ++i) {
    context.operand = context.plan.TextAt(paths, i);
    const long error = Mask(context, covers, context.operand);
    if (error < 0) return error;
  }
  return 0;
}

long MakePathsReadOnly(InitContext& context) {
  const PlanTable& paths = context.plan->readonly_paths;
  for (uint32_t i = 0; i < paths.count; ++i) {
    context.operand = context.plan.TextAt(paths, i);
    const long opened = sys::OpenInRoot(context.root, context.operand, O_PATH);
    if (IsAbsent(opened)) continue;
    if (opened < 0) return opened;
    const UniqueFd target(static_cast<int>(opened));
    const long tree = sys::CloneTree(target.get(), "", true);
    if (tree < 0) return tree;
    const UniqueFd copy(static_cast<int>(tree));
    long error = sys::AttachMount(copy.get(), target.get());
    if (error == 0) {
      error = AddAttributes(context, copy.get(), true, MOUNT_ATTR_RDONLY);
    }
    if (error == -EOPNOTSUPP) {
      error = AddAttributes(context, copy.get(), false, MOUNT_ATTR_RDONLY);
    }
    if (error < 0) return error;
  }
  return 0;
}

}  // namespace tug::runtimed
