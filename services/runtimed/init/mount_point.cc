// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/init/mount_point.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/sys/file.h"

namespace tug::runtimed {
namespace {

constexpr mode_t kMadeMode = 0755;

// A walk from the root: `done` has no links and no dots, `rest` is to come.
struct Walk {
  char done[PATH_MAX] = "";
  size_t done_size = 0;
  char rest[PATH_MAX] = "";
  int links = 0;
};

// Puts `head` before what follows `tail` (a suffix of `rest`).
long Prepend(Walk& walk, const char* head, const char* tail) {
  const size_t head_size = strlen(head);
  const size_t tail_size = strlen(tail);
  if (head_size + 1 + tail_size >= sizeof(walk.rest)) return -ENAMETOOLONG;
  memmove(walk.rest + head_size + 1, tail, tail_size + 1);
  memcpy(walk.rest, head, head_size);
  walk.rest[head_size] = '/';
  return 0;
}

void Ascend(Walk& walk) {
  while (walk.done_size > 0 && walk.done[--walk.done_size] != '/') {
  }
  walk.done[walk.done_size] = '\0';
}

long Descend(Walk& walk, const char* name, size_t size) {
  if (walk.done_size + 1 + size >= sizeof(walk.done)) return -ENAMETOOLONG;
  if (walk.done_size > 0) walk.done[walk.done_size++] = '/';
  memcpy(walk.done + walk.done_size, name, size);
  walk.done_size += size;
  walk.done[walk.done_size] = '\0';
  return 0;
}

// Opens `walk.done`.
long OpenDone(int root, const Walk& walk, int flags) {
  const char* path = walk.done_size == 0 ? "." : walk.done;
  return sys::OpenAt2(root, path, flags, 0,
                      RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
}

long Make(int directory, const char* name, MountPointKind kind) {
  if (kind == MountPointKind::kDirectory) {
    const bool made = mkdirat(directory, name, kMadeMode) == 0;
    return made || errno == EEXIST ? 0 : -errno;
  }
  const UniqueFd file(openat(
      directory, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, kMadeMode));
  return file || errno == EEXIST ? 0 : -errno;
}

// Looks at one name in `walk.done`: follows a link, makes what is missing.
long Step(int root, Walk& walk, const char* name, const char* tail,
          MountPointKind kind) {
  const long opened = OpenDone(root, walk, O_PATH | O_DIRECTORY);
  if (opened < 0) return opened;
  const UniqueFd directory(static_cast<int>(opened));
  // Nothing can be made there, and its links may name what is ours.
  struct statfs status = {};
  if (fstatfs(directory.get(), &status) != 0) return -errno;
  if (status.f_type == PROC_SUPER_MAGIC) return -ENOENT;
  char target[PATH_MAX];
  const ssize_t size =
      readlinkat(directory.get(), name, target, sizeof(target) - 1);
  if (size >= 0) {
    if (++walk.links > kMaxLinks) return -ELOOP;
    target[size] = '\0';
    if (target[0] == '/') walk.done[walk.done_size = 0] = '\0';
    return Prepend(walk, target, tail);
  }
  if (errno == ENOENT) {
    const long error = Make(directory.get(), name, kind);
    if (error < 0) return error;
  } else if (errno != EINVAL) {
    return -errno;
  }
  const long error = Descend(walk, name, strlen(name));
  memmove(walk.rest, tail, strlen(tail) + 1);
  return error;
}

// Takes the next name off `walk.rest` and acts on it.
long Advance(int root, Walk& walk, MountPointKind kind) {
  const char* begin = walk.rest + strspn(walk.rest, "/");
  const size_t size = strcspn(begin, "/");
  if (size > NAME_MAX) return -ENAMETOOLONG;
  char name[NAME_MAX + 1];
  memcpy(name, begin, size);
  name[size] = '\0';
  const char* tail = begin + size;
  const bool stays = size == 0 || strcmp(name, ".") == 0;
  if (stays || strcmp(name, "..") == 0) {
    if (!stays) Ascend(walk);
    memmove(walk.rest, tail, strlen(tail) + 1);
    return 0;
  }
  const bool last = tail[strspn(tail, "/")] == '\0';
  return Step(root, walk, name, tail, last ? kind : MountPointKind::kDirectory);
}

}  // namespace

long OpenOrCreate(int root, const char* path, MountPointKind kind,
                  UniqueFd* opened) {
  const int flags =
      O_PATH | (kind == MountPointKind::kDirectory ? O_DIRECTORY : 0);
  // Nearly always it is there.
  long fd = sys::OpenInRoot(root, path, flags);
  if (fd == -ENOENT) {
    Walk walk;
    if (strlen(path) >= sizeof(walk.rest)) return -ENAMETOOLONG;
    strcpy(walk.rest, path);
    while (walk.rest[0] != '\0') {
      const long error = Advance(root, walk, kind);
      if (error < 0) return error;
    }
    fd = OpenDone(root, walk, flags);
  }
  if (fd < 0) return fd;
  opened->reset(static_cast<int>(fd));
  return 0;
}

long OpenParent(int root, const char* path, UniqueFd* parent,
                const char** name) {
  const char* slash = strrchr(path, '/');
  if (slash == nullptr || slash[1] == '\0') return -EINVAL;
  *name = slash + 1;
  if (strcmp(*name, "..") == 0 || strcmp(*name, ".") == 0) return -EINVAL;
  char directory[PATH_MAX];
  const auto size = static_cast<size_t>(slash - path);
  if (size >= sizeof(directory) - 1) return -ENAMETOOLONG;
  memcpy(directory, path, size);
  directory[size] = '\0';
  return OpenOrCreate(root, size == 0 ? "/" : directory,
                      MountPointKind::kDirectory, parent);
}

}  // namespace tug::runtimed
