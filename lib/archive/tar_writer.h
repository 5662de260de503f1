// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/archive/stream.h"
#include "lib/archive/tar_entry.h"

namespace tug::archive {

// Writes tar: ustar, with a pax header where ustar cannot say it (long names,
// large numbers, fractions of seconds, extended attributes).
//
// Not thread-safe. Borrows the sink.
class TarWriter {
 public:
  explicit TarWriter(Sink& sink) : sink_(sink) {}

  // Begins an entry; the last one must have got all its content.
  absl::Status Begin(const TarEntry& entry);
  // Content of a file, in order, exactly `entry.size` bytes in all.
  absl::Status Write(absl::string_view bytes);
  // A small file in one go.
  absl::Status WriteFile(TarEntry entry, absl::string_view content);
  // The end of the archive.
  absl::Status Finish();

 private:
  absl::Status EndEntry();
  absl::Status WritePax(const TarEntry& entry);

  Sink& sink_;
  int64_t left_ = 0;
  int64_t padding_ = 0;
};

}  // namespace tug::archive
