// SPDX-License-Identifier: Apache-2.0
#include "lib/program/shutdown_signal.h"

#include <sys/signalfd.h>

#include <csignal>

#include "lib/base/check.h"

namespace tug {
namespace {

sigset_t ShutdownSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

void BlockShutdownSignals() {
  const sigset_t signals = ShutdownSignals();
  CHECK(pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0);
}

UniqueFd ShutdownSignalFd() {
  const sigset_t signals = ShutdownSignals();
  UniqueFd fd(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  CHECK(fd.valid());
  return fd;
}

}  // namespace tug
