// SPDX-License-Identifier: Apache-2.0
#include "lib/sys/file.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>

namespace tug::sys {
namespace {

// Somebody who renames all the time must not keep us here.
constexpr int kMaxTries = 128;

}  // namespace

long OpenAt2(int directory, const char* path, int flags, unsigned mode,
             uint64_t resolve) {
  open_how how = {};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC;
  how.mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? mode : 0;
  how.resolve = resolve;
  for (int tries = 0;; ++tries) {
    const long fd = syscall(SYS_openat2, directory, path, &how, sizeof(how));
    if (fd >= 0) return fd;
    // EAGAIN: a rename raced the look-up of ".." (openat2(2)).
    const bool again = errno == EINTR || errno == EAGAIN;
    if (!again || tries == kMaxTries) return -errno;
  }
}

long OpenInRoot(int root, const char* path, int flags) {
  return OpenAt2(root, path, flags, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

long ReadUpTo(int fd, void* bytes, size_t capacity) {
  size_t done = 0;
  while (done < capacity) {
    const ssize_t count =
        read(fd, static_cast<char*>(bytes) + done, capacity - done);
    if (count == 0) break;
    if (count > 0) {
      done += static_cast<size_t>(count);
    } else if (errno != EINTR) {
      return -errno;
    }
  }
  return static_cast<long>(done);
}

long WriteAll(int fd, const void* bytes, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t count =
        write(fd, static_cast<const char*>(bytes) + done, size - done);
    if (count >= 0) {
      done += static_cast<size_t>(count);
    } else if (errno != EINTR) {
      return -errno;
    }
  }
  return 0;
}

long CopyFile(int from, int to) {
  struct stat status = {};
  if (fstat(from, &status) != 0) return -errno;
  for (off_t at = 0; at < status.st_size;) {
    const auto left = static_cast<size_t>(status.st_size - at);
    const ssize_t count = sendfile(to, from, &at, left);
    if (count == 0) return -EIO;
    if (count == -1 && errno != EINTR) return -errno;
  }
  return 0;
}

long WriteFileAt(int directory, const char* path, const char* text) {
  UniqueFd fd(openat(directory, path, O_WRONLY | O_CLOEXEC));
  if (!fd) return -errno;
  ssize_t count = -1;
  do {
    count = write(fd.get(), text, strlen(text));
  } while (count == -1 && errno == EINTR);
  return count == -1 ? -errno : 0;
}

long ReadFileAt(int directory, const char* path, char* text, size_t capacity) {
  text[0] = '\0';
  UniqueFd fd(openat(directory, path, O_RDONLY | O_CLOEXEC));
  if (!fd) return -errno;
  const long count = ReadUpTo(fd.get(), text, capacity - 1);
  text[count < 0 ? 0 : count] = '\0';
  return count;
}

}  // namespace tug::sys
