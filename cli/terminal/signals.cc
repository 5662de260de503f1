// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/signals.h"

#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace tug::cli {

UniqueFd TakeSignals(SignalSet set) {
  sigset_t taken;
  sigemptyset(&taken);
  sigaddset(&taken, SIGWINCH);
  if (set == SignalSet::kForwardable) {
    for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2,
                             SIGALRM, SIGCONT}) {
      sigaddset(&taken, number);
    }
  }
  sigprocmask(SIG_BLOCK, &taken, nullptr);
  return UniqueFd(signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK));
}

int NextSignal(int signal_fd) {
  signalfd_siginfo info = {};
  if (read(signal_fd, &info, sizeof(info)) != sizeof(info)) return 0;
  return static_cast<int>(info.ssi_signo);
}

std::string SignalName(int number) {
  const char* name = sigabbrev_np(number);
  return name == nullptr ? "" : std::string("SIG") + name;
}

}  // namespace tug::cli
