// SPDX-License-Identifier: Apache-2.0
//
// The kernel frees what a removed file or directory had on disk when its last
// descriptor is closed. Some file systems wait for the disk then (ext4 without
// a journal and with `discard`: a millisecond each), so that a removal spends
// its time waiting. Whoever removes opens the name first (O_PATH), removes it,
// and hands the descriptor to threads that close several at once.
//
//   remover:  open a, unlink a, open b, unlink b, ...     batch [a b ...] ->
//   threads:  close a   close q   close x   close y       (each waits)
#pragma once

#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "lib/sys/unique_fd.h"

namespace tug {

// Closes descriptors behind the caller. Close() and Flush() are for one thread
// at a time.
class DeferredClose {
 public:
  static constexpr size_t kThreads = 8;
  // Descriptors in a batch, and batches that wait: 512 descriptors at most,
  // with those in the threads' hands.
  static constexpr size_t kBatch = 32;
  static constexpr size_t kMaxBatches = 7;

  DeferredClose();
  // After all is closed.
  ~DeferredClose();

  // Takes a descriptor over; blocks while too many wait.
  void Close(UniqueFd fd);
  // Hands on what is not a full batch yet.
  void Flush();

 private:
  using Batch = std::vector<UniqueFd>;
  void Run();

  Batch filling_;
  absl::Mutex mutex_;
  std::deque<Batch> waiting_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace tug
