// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/sys/unique_fd.h"
#include "services/netd/background/worker.h"

namespace tug::netd {

// Where the last descriptors of namespaces wait to be closed together. The
// kernel takes namespaces down in batches, and holds up every change of
// interfaces meanwhile: one batch for many costs hardly more than for one.
//
// Thread-safe.
class Retirement {
 public:
  // How long the first of a batch waits.
  static constexpr absl::Duration kWait = absl::Milliseconds(300);
  // So many end at once at most.
  static constexpr size_t kMaxBatch = 64;

  explicit Retirement(Worker& worker) : worker_(worker) {}

  void Add(UniqueFd fd);

 private:
  using Batch = std::vector<UniqueFd>;
  void CloseAll();

  Worker& worker_;
  absl::Mutex mutex_;
  Batch waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::netd
