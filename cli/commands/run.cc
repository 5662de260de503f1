// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/commands/command.h"
#include "cli/commands/create_container.h"
#include "cli/commands/output.h"
#include "cli/commands/session.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

constexpr int kEngineFailed = 125;
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;

// Shells and people rely on these numbers.
int StatusOfFailedStart(absl::string_view message) {
  for (const char* text :
       {"executable file not found", "no such file or directory"}) {
    if (absl::StrContains(message, text)) return kNotFound;
  }
  for (const char* text : {"permission denied", "is a directory"}) {
    if (absl::StrContains(message, text)) return kNotExecutable;
  }
  return kEngineFailed;
}

class RunCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    AddContainerFlags(options_, flags);
    flags.Bool('d', "detach", &detach_,
               "Run container in background and print container ID");
    flags.Bool(0, "sig-proxy", &proxy_signals_,
               "Proxy received signals to the process");
    flags.String(0, "detach-keys", &detach_keys_,
                 "Override the key sequence for detaching");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    bool start_failed = false;
    const auto exit_status = Launch(engine, words, &start_failed);
    if (exit_status.ok()) return exit_status;
    PrintError(absl::StrCat("tug: ", exit_status.status().message(),
                            "\n\nRun 'tug run --help' for more information"));
    return start_failed ? StatusOfFailedStart(exit_status.status().message())
                        : kEngineFailed;
  }

 private:
  absl::StatusOr<int> Launch(const Engine& engine,
                             const std::vector<std::string>& words,
                             bool* start_failed);
  absl::StatusOr<int> Foreground(const Engine& engine, const std::string& id,
                                 bool* start_failed);

  bool Attaches(absl::string_view stream) const {
    if (options_.attach.empty()) {
      return stream != "stdin" || options_.interactive;
    }
    for (const std::string& name : options_.attach) {
      if (absl::EqualsIgnoreCase(name, stream)) return true;
    }
    return false;
  }

  ContainerOptions options_;
  bool detach_ = false;
  bool proxy_signals_ = true;
  std::string detach_keys_;
};

absl::StatusOr<int> RunCommand::Launch(const Engine& engine,
                                       const std::vector<std::string>& words,
                                       bool* start_failed) {
  if (detach_ && !options_.attach.empty()) {
    return absl::InvalidArgumentError(
        "conflicting options: cannot specify "
        "both --attach and --detach");
  }
  RETURN_IF_ERROR(DetachKeyBytes(detach_keys_).status());
  if (!detach_) {
    RETURN_IF_ERROR(CheckTerminal(options_.tty, Attaches("stdin")));
  }
  const std::vector<std::string> command(words.begin() + 1, words.end());
  // A background container keeps its input open for a later attach.
  if (detach_) {
    ASSIGN_OR_RETURN(const std::string id,
                     CreateContainer(engine, options_, words[0], command));
    Path start("/containers/");
    start.Add(id) += "/start";
    const absl::Status started = engine.Call("POST", start).status();
    if (!started.ok()) {
      *start_failed = true;
      return started;
    }
    PrintLine(id);
    return 0;
  }
  ASSIGN_OR_RETURN(const std::string id,
                   CreateContainer(engine, options_, words[0], command));
  return Foreground(engine, id, start_failed);
}

absl::StatusOr<int> RunCommand::Foreground(const Engine& engine,
                                           const std::string& id,
                                           bool* start_failed) {
  SessionOptions session;
  session.id = id;
  session.tty = options_.tty;
  session.send_input = Attaches("stdin") && options_.interactive;
  session.show_output = Attaches("stdout");
  session.show_errors = Attaches("stderr");
  session.proxy_signals = proxy_signals_;
  session.detach_keys = detach_keys_;
  Path start("/containers/");
  start.Add(id) += "/start";
  return RunSession(
      engine, session, options_.remove ? "removed" : "next-exit",
      [&] { return engine.Call("POST", start).status(); }, start_failed);
}

}  // namespace

std::unique_ptr<Command> NewRunCommand() {
  return std::make_unique<RunCommand>();
}

}  // namespace tug::cli
