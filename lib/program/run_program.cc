// SPDX-License-Identifier: Apache-2.0
#include "lib/program/run_program.h"

#include <linux/close_range.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <optional>

#include "CLI/CLI.hpp"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "lib/confine/service_tag.h"
#include "lib/program/listen_fds.h"
#include "lib/program/open_files.h"
#include "lib/program/parent_process.h"
#include "lib/program/shutdown_signal.h"
#include "lib/program/user.h"
#include "lib/program/version.h"

namespace tug {
namespace {

constexpr int kFailed = 1;
constexpr int kBadCommandLine = 2;
constexpr unsigned kFirstPassedFd = 3;

struct CommandLine {
  ProgramOptions options;
  std::string user;
};

// The exit status when the program is to end at once.
std::optional<int> Parse(int argc, char** argv, const ProgramInfo& info,
                         CommandLine& line) {
  CLI::App app(info.description, info.name);
  app.add_option("--config", line.options.config_path,
                 "JSON file with this program's section");
  app.add_option("--set", line.options.overrides,
                 "key=value, instead of what the file says")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--log-level", line.options.log_level,
                 "debug, info, warning or error (info)")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  app.add_option("--user", line.user, "become this user first");
  app.set_version_flag("--version", info.name + " " + kVersion);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kBadCommandLine;
  }
  return std::nullopt;
}

absl::Status Start(const std::string& name, const CommandLine& line,
                   absl::FunctionRef<absl::Status(const ProgramOptions&)> run) {
  AdoptListenFds();
  // What tugd has passed is for this program, not for those that it starts. A
  // kernel before 5.11 cannot, which costs them no more than a descriptor.
  (void)close_range(kFirstPassedFd, ~0U, CLOSE_RANGE_CLOEXEC);
  // A user of its own tells a service from root as well as a tag does.
  RETURN_IF_ERROR(line.user.empty() ? WearTag(name) : BecomeUser(line.user));
  RETURN_IF_ERROR(EndWithParent());
  return run(line.options);
}

}  // namespace

int RunProgram(int argc, char** argv, const ProgramInfo& info,
               absl::FunctionRef<absl::Status(const ProgramOptions&)> run) {
  CommandLine line;
  const std::optional<int> exit_status = Parse(argc, argv, info, line);
  if (exit_status.has_value()) return *exit_status;
  InitLog(info.name, ParseLogLevel(line.options.log_level));
  std::signal(SIGPIPE, SIG_IGN);
  BlockShutdownSignals();
  umask(022);
  if (info.many_open_files) RaiseOpenFileLimit();
  const absl::Status status = Start(info.name, line, run);
  if (status.ok()) return 0;
  LogError("ended", {{"error", status.message()}});
  return kFailed;
}

}  // namespace tug
