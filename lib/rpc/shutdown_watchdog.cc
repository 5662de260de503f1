// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/shutdown_watchdog.h"

#include <unistd.h>

#include "lib/base/log.h"

namespace tug::rpc {

ShutdownWatchdog::ShutdownWatchdog(absl::Duration limit)
    : thread_([this, limit] {
        if (done_.WaitForNotificationWithTimeout(limit)) return;
        LogWarning("calls or streams do not end; leaving without them");
        _exit(0);
      }) {}

ShutdownWatchdog::~ShutdownWatchdog() {
  done_.Notify();
  thread_.join();
}

}  // namespace tug::rpc
