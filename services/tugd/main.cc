// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <climits>
#include <filesystem>
#include <optional>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/program/run_program.h"
#include "services/tugd/accounts.h"
#include "services/tugd/config.h"
#include "services/tugd/directories.h"
#include "services/tugd/instance_lock.h"
#include "services/tugd/log_file.h"
#include "services/tugd/supervisor.h"

namespace tug::tugd {
namespace {

constexpr char kDescription[] =
    "Starts and watches the services of Tug, and hands them their sockets and "
    "their section of the configuration.\n\n"
    "The configuration (--config, else /etc/tug/tug.json if it exists) is a "
    "JSON object with a section for tugd and each of runtimed, imaged, netd, "
    "volumed, registryd and gatewayd. --set changes keys of the section tugd:\n"
    "  run-directory         sockets and state of this boot (/run/tug)\n"
    "  state-directory       durable state (/var/lib/tug)\n"
    "  libexec               where the programs are (beside tugd)\n"
    "  rest-listeners        more addresses of the REST API: "
    "[\"unix:///var/run/docker.sock\", \"tcp://127.0.0.1:2375\", \"fd://\"]\n"
    "  allow-plain-tcp       allow tcp:// on loopback, without TLS (false)\n"
    "  group                 who may use the sockets (tug)\n"
    "  gateway-user          user of gatewayd (tug-gateway)\n"
    "  registry-user         user of registryd (tug-registry)\n"
    "  log-file              logs of all services (standard error)\n"
    "  log-level             debug, info, warning or error (info)\n"
    "  stop-timeout-seconds  time to end before SIGKILL (10)";

absl::StatusOr<std::string> ProgramDirectory(const TugdConfig& config) {
  if (!config.libexec().empty()) return config.libexec();
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return ErrnoStatus(error.value(), "find this program");
  return self.parent_path().string();
}

absl::StatusOr<std::vector<Child>> MakeChildren(const EngineConfig& config,
                                                gid_t group) {
  ASSIGN_OR_RETURN(const std::string directory,
                   ProgramDirectory(config.tugd));
  std::vector<Child> children;
  for (const Service& service : kServices) {
    const std::string program = absl::StrCat(directory, "/", service.name);
    if (access(program.c_str(), X_OK) != 0) {
      return ErrnoStatus(errno, absl::StrCat("find program ", program));
    }
    ASSIGN_OR_RETURN(std::vector<NamedSocket> sockets,
                     OpenSockets(service, config.tugd, group));
    children.push_back(Child({&service, program,
                              config.sections.at(service.name),
                              config.tugd.log_level(),
                              AccountOf(service, config.tugd),
                              std::move(sockets)}));
  }
  return children;
}

absl::Status Run(const ProgramOptions& options) {
  ASSIGN_OR_RETURN(EngineConfig config, LoadEngineConfig(options));
  if (!options.log_level.empty()) config.tugd.set_log_level(options.log_level);
  SetLogLevel(ParseLogLevel(config.tugd.log_level()));
  std::optional<LogFile> log_file;
  if (!config.tugd.log_file().empty()) {
    ASSIGN_OR_RETURN(log_file, LogFile::Redirect(config.tugd.log_file()));
  }
  WarnOfMissingAccounts(config.tugd);
  const gid_t group = SocketGroup(config.tugd);
  RETURN_IF_ERROR(MakeDirectories(config.tugd, group));
  ASSIGN_OR_RETURN(const UniqueFd lock,
                   LockInstance(config.tugd.run_directory()));
  ASSIGN_OR_RETURN(std::vector<Child> children, MakeChildren(config, group));
  Supervisor supervisor(
      std::move(children),
      {absl::Seconds(config.tugd.stop_timeout_seconds()), [&] {
         if (!log_file.has_value()) return;
         LogIfError(log_file->RotateIfLarge(), "cannot rotate the log");
       }});
  return supervisor.Run();
}

}  // namespace
}  // namespace tug::tugd

int main(int argc, char** argv) {
  // What tugd has is what services, and through them containers, are given.
  return tug::RunProgram(argc, argv, {"tugd", tug::tugd::kDescription, false},
                         tug::tugd::Run);
}
