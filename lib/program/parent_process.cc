// SPDX-License-Identifier: Apache-2.0
#include "lib/program/parent_process.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "lib/base/status.h"

namespace tug {

absl::Status EndWithParent() {
  const char* text = std::getenv("TUGD_PID");
  if (text == nullptr) return absl::OkStatus();
  int parent = 0;
  if (!absl::SimpleAtoi(text, &parent)) {
    return absl::InvalidArgumentError("TUGD_PID is not a number");
  }
  unsetenv("TUGD_PID");
  if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) {
    return ErrnoStatus(errno, "ask for SIGTERM at the end of tugd");
  }
  // It may have died between the start of this process and the prctl.
  if (getppid() != parent) return absl::CancelledError("tugd has ended");
  return absl::OkStatus();
}

}  // namespace tug
