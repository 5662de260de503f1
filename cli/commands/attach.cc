// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "cli/commands/command.h"
#include "cli/commands/session.h"
#include "cli/format/json_text.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

class AttachCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.Bool(0, "no-stdin", &no_stdin_, "Do not attach STDIN");
    flags.Bool(0, "sig-proxy", &proxy_signals_,
               "Proxy all received signals to the process");
    flags.String(0, "detach-keys", &detach_keys_,
                 "Override the key sequence for detaching");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    Path inspect("/containers/");
    inspect.Add(words[0]) += "/json";
    ASSIGN_OR_RETURN(const boost::json::value container, engine.Get(inspect));
    RETURN_IF_ERROR(CheckState(Member(container, "State")));
    const boost::json::value& config = Member(container, "Config");
    SessionOptions session;
    session.id = StringMember(container, "Id");
    session.tty = BoolMember(config, "Tty");
    session.send_input = !no_stdin_ && BoolMember(config, "OpenStdin");
    session.proxy_signals = proxy_signals_;
    session.detach_keys = detach_keys_;
    RETURN_IF_ERROR(CheckTerminal(session.tty, session.send_input));
    bool start_failed = false;
    return RunSession(engine, session, "not-running", nullptr, &start_failed);
  }

 private:
  static absl::Status CheckState(const boost::json::value& state) {
    if (BoolMember(state, "Restarting")) {
      return absl::FailedPreconditionError(
          "cannot attach to a restarting container, wait until it is running");
    }
    if (BoolMember(state, "Paused")) {
      return absl::FailedPreconditionError(
          "cannot attach to a paused container, unpause it first");
    }
    if (!BoolMember(state, "Running")) {
      return absl::FailedPreconditionError(
          "cannot attach to a stopped container, start it first");
    }
    return absl::OkStatus();
  }

  bool no_stdin_ = false;
  bool proxy_signals_ = true;
  std::string detach_keys_;
};

}  // namespace

std::unique_ptr<Command> NewAttachCommand() {
  return std::make_unique<AttachCommand>();
}

}  // namespace tug::cli
