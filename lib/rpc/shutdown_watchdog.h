// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace tug::rpc {

// Ends the process if it lives longer than `limit`: a handler that ignores its
// cancellation must not keep a restart waiting. State survives kill -9 anyway.
class ShutdownWatchdog {
 public:
  explicit ShutdownWatchdog(absl::Duration limit);
  ~ShutdownWatchdog();

 private:
  absl::Notification done_;
  std::thread thread_;
};

}  // namespace tug::rpc
