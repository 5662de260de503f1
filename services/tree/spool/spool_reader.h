// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "lib/archive/stream.h"
#include "lib/base/byte_budget.h"
#include "services/tree/spool/spool_format.h"

namespace tug::tree {

// Reads frames (spool_format.h) of a process that is not believed. Borrows the
// source. Not thread-safe.
class SpoolReader {
 public:
  explicit SpoolReader(archive::Source& source) : source_(source) {}

  struct Entry {
    std::string path;
    bool is_link = false;
    std::string link_target;
    int64_t size = 0;  // Of a file.
  };
  // The next file or link, skipping what is left of the last file; absent at
  // the end, after the source has ended well. INVALID_ARGUMENT for what is no
  // such stream.
  absl::StatusOr<std::optional<Entry>> Next();

  // A part of the file's content; 0 at its end.
  absl::StatusOr<size_t> Read(char* buffer, size_t size);

 private:
  absl::Status ReadExact(char* buffer, size_t size);
  absl::StatusOr<uint64_t> ReadNumber();
  absl::StatusOr<std::string> ReadName();
  absl::Status SkipContent();

  archive::Source& source_;
  int64_t left_ = 0;
  ByteBudget names_{kSpoolNames};
};

}  // namespace tug::tree
