// SPDX-License-Identifier: Apache-2.0
//
// Opening, reading and writing files. Async-signal-safe; a value >= 0 or
// -errno; EINTR is retried.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lib/sys/unique_fd.h"

namespace tug::sys {

// openat2(2). `flags` gets O_CLOEXEC; `resolve` is RESOLVE_* of
// linux/openat2.h. Answers the descriptor.
long OpenAt2(int directory, const char* path, int flags, unsigned mode,
             uint64_t resolve);

// Opens a path that may come from outside as if `root` were "/": no symlink,
// ".." or magic link leaves it.
long OpenInRoot(int root, const char* path, int flags);

// Reads until the end of the file or `capacity` bytes. Answers the count.
long ReadUpTo(int fd, void* bytes, size_t capacity);

// Writes everything, however many calls it takes. 0 or -errno.
long WriteAll(int fd, const void* bytes, size_t size);

// Appends the whole regular file `from` to `to`, whatever the position of
// `from` is. 0 or -errno: -EIO if it became shorter meanwhile.
long CopyFile(int from, int to);

// Opens an existing file for writing, writes `text` with one call, closes it.
long WriteFileAt(int directory, const char* path, const char* text);

// Reads a small file as text: at most `capacity` - 1 bytes and a NUL. Answers
// the length.
long ReadFileAt(int directory, const char* path, char* text, size_t capacity);

}  // namespace tug::sys
