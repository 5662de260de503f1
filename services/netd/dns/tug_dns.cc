// SPDX-License-Identifier: Apache-2.0
//
// tug-dns: started by tug-dns-keeper (resolver_process.h).
#include <sys/time.h>

#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "lib/base/status_macros.h"
#include "lib/program/listen_fds.h"
#include "lib/program/run_program.h"
#include "lib/program/shutdown_signal.h"
#include "services/netd/dns/confine_resolver.h"
#include "services/netd/dns/resolver.h"

namespace tug::netd {
namespace {

// A turn that does not end is ended by SIGALRM, and the process with it; the
// one that started it starts another.
void EndUnlessCalledAgain() {
  itimerval timer = {};
  timer.it_value.tv_sec = absl::ToInt64Seconds(dns::Resolver::kLongestTurn);
  setitimer(ITIMER_REAL, &timer, nullptr);
}

absl::Status Run(const ProgramOptions&) {
  std::optional<UniqueFd> control = TakeListenFd("control");
  if (!control.has_value()) {
    return absl::FailedPreconditionError("netd starts this program");
  }
  ASSIGN_OR_RETURN(const auto resolver,
                   dns::Resolver::Make(*std::move(control), ShutdownSignalFd(),
                                       EndUnlessCalledAgain));
  RETURN_IF_ERROR(dns::ConfineResolver());
  return resolver->Run();
}

}  // namespace
}  // namespace tug::netd

int main(int argc, char** argv) {
  return tug::RunProgram(
      argc, argv,
      {"tug-dns",
       "Answers the questions for names that containers ask. netd starts it."},
      tug::netd::Run);
}
