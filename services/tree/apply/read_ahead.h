// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "lib/archive/stream.h"
#include "lib/oci/digest.h"

namespace tug::tree {

// Reads a source ahead on a thread of its own and hashes what it reads, so
// that inflating and hashing run beside the writing of files.
//
// Read and Finish are for one thread.
class ReadAheadSource final : public archive::Source {
 public:
  explicit ReadAheadSource(std::unique_ptr<archive::Source> source);
  // Waits for the thread, which ends at the latest with the source.
  ~ReadAheadSource() override;

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override;

  // SHA-256 of everything read; valid after Read has answered 0.
  oci::Digest Finish();

 private:
  static constexpr size_t kBlockSize = 1 << 20;
  static constexpr size_t kMaxBlocks = 4;

  void Run();
  bool Push(std::string block);

  const std::unique_ptr<archive::Source> source_;
  oci::Sha256 hash_;
  absl::Mutex mutex_;
  std::deque<std::string> blocks_ ABSL_GUARDED_BY(mutex_);
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool abandoned_ ABSL_GUARDED_BY(mutex_) = false;
  std::string current_;
  size_t at_ = 0;
  std::thread thread_;
};

}  // namespace tug::tree
