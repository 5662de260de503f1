// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/archive/stream.h"
#include "lib/archive/tar_entry.h"

namespace tug::archive {

// Writes tar: ustar, with a pax header where ustar cannot say it (long names,
// large numbers, fractions of seconds, extended attributes, holes).
//
// Not thread-safe. Borrows the sink.
class TarWriter {
 public:
  explicit TarWriter(Sink& sink) : sink_(sink) {}

  // Begins an entry; the last one must have got all its content.
  absl::Status Begin(const TarEntry& entry);
  // Begins a file with holes, as GNU's sparse format 1.0, which GNU tar,
  // bsdtar, Go and Python read. `extents` (in order, within `entry.size`) say
  // where the content goes that Write brings, exactly as many bytes as they
  // have.
  absl::Status BeginSparse(const TarEntry& entry,
                           const std::vector<TarExtent>& extents);
  // Content of a file, in order, exactly `entry.size` bytes in all.
  absl::Status Write(absl::string_view bytes);
  // A small file in one go.
  absl::Status WriteFile(TarEntry entry, absl::string_view content);
  // The end of the archive.
  absl::Status Finish();

 private:
  absl::Status EndEntry();
  absl::Status WritePax(const TarEntry& entry, std::string records);

  Sink& sink_;
  int64_t left_ = 0;
  int64_t padding_ = 0;
};

}  // namespace tug::archive
