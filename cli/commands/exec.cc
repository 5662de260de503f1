// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/commands/session.h"
#include "cli/format/json_text.h"
#include "cli/options/environment.h"
#include "cli/terminal/raw_mode.h"
#include "cli/terminal/signals.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;

class ExecCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.Bool('d', "detach", &detach_, "Run command in the background");
    flags.List('e', "env", &env_, "Set environment variables");
    flags.List(0, "env-file", &env_files_,
               "Read environment variables of a file");
    flags.Bool('i', "interactive", &interactive_,
               "Keep STDIN open even if not attached");
    flags.Bool(0, "privileged", &privileged_, "Give extended privileges");
    flags.Bool('t', "tty", &tty_, "Allocate a pseudo-TTY");
    flags.String('u', "user", &user_, "User: <name|uid>[:<group|gid>]");
    flags.String('w', "workdir", &workdir_,
                 "Working directory in the container");
    flags.String(0, "detach-keys", &detach_keys_,
                 "Override the key sequence for detaching");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override;

 private:
  absl::StatusOr<json::object> Request(
      const std::vector<std::string>& words) const;
  absl::StatusOr<int> Attached(const Engine& engine, const std::string& id);

  bool detach_ = false;
  bool interactive_ = false;
  bool privileged_ = false;
  bool tty_ = false;
  std::vector<std::string> env_;
  std::vector<std::string> env_files_;
  std::string user_;
  std::string workdir_;
  std::string detach_keys_;
};

absl::StatusOr<json::object> ExecCommand::Request(
    const std::vector<std::string>& words) const {
  json::object request;
  ASSIGN_OR_RETURN(const auto environment, ReadEnvironment(env_files_, env_));
  request["Cmd"] = json::array(words.begin() + 1, words.end());
  request["Tty"] = tty_;
  request["AttachStdin"] = interactive_ && !detach_;
  request["AttachStdout"] = !detach_;
  request["AttachStderr"] = !detach_;
  if (privileged_) request["Privileged"] = true;
  if (!user_.empty()) request["User"] = user_;
  if (!workdir_.empty()) request["WorkingDir"] = workdir_;
  if (!detach_keys_.empty()) request["DetachKeys"] = detach_keys_;
  if (!environment.empty()) {
    request["Env"] = json::array(environment.begin(), environment.end());
  }
  const auto size = TerminalSize(STDOUT_FILENO);
  if (tty_ && size.has_value() && size->rows > 0) {
    request["ConsoleSize"] = json::array({size->rows, size->columns});
  }
  return request;
}

absl::StatusOr<int> ExecCommand::Run(const Engine& engine,
                                     const std::vector<std::string>& words) {
  if (!detach_) RETURN_IF_ERROR(CheckTerminal(tty_, interactive_));
  ASSIGN_OR_RETURN(const json::object request, Request(words));
  Path create("/containers/");
  create.Add(words[0]) += "/exec";
  ASSIGN_OR_RETURN(const json::value created,
                   engine.Call("POST", create, request));
  const std::string id = StringMember(created, "Id");
  absl::StatusOr<int> result = 0;
  if (detach_) {
    Path start("/exec/");
    start.Add(id) += "/start";
    const auto started = engine.Call(
        "POST", start, json::object{{"Detach", true}, {"Tty", tty_}});
    if (!started.ok()) result = started.status();
  } else {
    result = Attached(engine, id);
  }
  if (result.ok() || absl::IsUnavailable(result.status())) return result;
  PrintError(result.status().message());
  const absl::string_view text = result.status().message();
  if (absl::StrContains(text, "executable file not found") ||
      absl::StrContains(text, "no such file or directory")) {
    return kNotFound;
  }
  return absl::StrContains(text, "permission denied") ? kNotExecutable : 1;
}

absl::StatusOr<int> ExecCommand::Attached(const Engine& engine,
                                          const std::string& id) {
  const UniqueFd signals = TakeSignals(SignalSet::kResize);
  Path start("/exec/");
  start.Add(id) += "/start";
  json::object body = {{"Detach", false}, {"Tty", tty_}};
  const auto size = TerminalSize(STDOUT_FILENO);
  if (tty_ && size.has_value() && size->rows > 0) {
    body["ConsoleSize"] = json::array({size->rows, size->columns});
  }
  ASSIGN_OR_RETURN(http::Client::Upgraded connection,
                   engine.Hijack(start, body));
  SessionOptions session;
  session.tty = tty_;
  session.send_input = interactive_;
  session.detach_keys = detach_keys_;
  const std::string resize = (Path("/exec/").Add(id) += "/resize").text();
  ASSIGN_OR_RETURN(const bool detached,
                   StreamConnection(engine, std::move(connection), session,
                                    resize, signals.get(), nullptr));
  if (detached) {
    PrintError("\rread escape sequence");
    return 0;
  }
  Path inspect("/exec/");
  inspect.Add(id) += "/json";
  ASSIGN_OR_RETURN(const json::value ended, engine.Get(inspect));
  return static_cast<int>(IntMember(ended, "ExitCode"));
}

}  // namespace

std::unique_ptr<Command> NewExecCommand() {
  return std::make_unique<ExecCommand>();
}

}  // namespace tug::cli
