// SPDX-License-Identifier: Apache-2.0
//
// tug-dns-keeper: started by netd (resolver_process.h).
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/program/listen_fds.h"
#include "lib/program/load_config.h"
#include "lib/program/run_program.h"
#include "services/netd/dns/config.pb.h"
#include "services/netd/dns/resolver_process.h"

namespace tug::netd {
namespace {

absl::Status Run(const ProgramOptions& options) {
  ASSIGN_OR_RETURN(const dns::Config config,
                   LoadConfig(options, dns::Config()));
  const std::optional<UniqueFd> control = TakeListenFd("control");
  if (!control.has_value() || config.user().empty()) {
    return absl::FailedPreconditionError("netd starts this program");
  }
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return ErrnoStatus(error.value(), "find this program");
  return KeepResolver((self.parent_path() / "tug-dns").string(), config.user(),
                      *control);
}

}  // namespace
}  // namespace tug::netd

int main(int argc, char** argv) {
  return tug::RunProgram(argc, argv,
                         {"tug-dns-keeper",
                          "Starts tug-dns for netd, whenever none runs. "
                          "Keys: user."},
                         tug::netd::Run);
}
