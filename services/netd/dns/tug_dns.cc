// SPDX-License-Identifier: Apache-2.0
//
// tug-dns: started by netd (resolver_process.h).
#include <optional>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/program/listen_fds.h"
#include "lib/program/load_config.h"
#include "lib/program/run_program.h"
#include "lib/program/shutdown_signal.h"
#include "services/netd/dns/config.pb.h"
#include "services/netd/dns/confine_resolver.h"
#include "services/netd/dns/resolver.h"
#include "services/netd/dns/resolver_process.h"

namespace tug::netd {
namespace {

absl::Status Run(const ProgramOptions& options) {
  ASSIGN_OR_RETURN(const dns::Config config,
                   LoadConfig(options, dns::Config()));
  std::optional<UniqueFd> control = TakeListenFd("control");
  if (!control.has_value()) {
    return absl::FailedPreconditionError("netd starts this program");
  }
  if (!config.user().empty()) return SuperviseResolver(config.user(), *control);
  ASSIGN_OR_RETURN(
      const auto resolver,
      dns::Resolver::Make(*std::move(control), ShutdownSignalFd()));
  RETURN_IF_ERROR(dns::ConfineResolver());
  return resolver->Run();
}

}  // namespace
}  // namespace tug::netd

int main(int argc, char** argv) {
  return tug::RunProgram(
      argc, argv,
      {"tug-dns",
       "Answers the questions for names that containers ask. netd starts it. "
       "Keys: user."},
      tug::netd::Run);
}
