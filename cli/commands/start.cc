// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/commands/session.h"
#include "cli/format/json_text.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

class StartCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.Bool('a', "attach", &attach_,
               "Attach STDOUT/STDERR and forward signals");
    flags.Bool('i', "interactive", &interactive_,
               "Attach the container's STDIN");
    flags.String(0, "detach-keys", &detach_keys_,
                 "Override the key sequence for detaching");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    if (attach_ || interactive_) return Foreground(engine, words);
    std::vector<std::string> failed;
    ForEach(words, [&](const std::string& name) {
      Path path("/containers/");
      path.Add(name) += "/start";
      const absl::Status status = engine.Call("POST", path).status();
      if (!status.ok()) failed.push_back(name);
      return status;
    });
    if (failed.empty()) return 0;
    PrintError(absl::StrCat("failed to start containers: ",
                            absl::StrJoin(failed, ", ")));
    return 1;
  }

 private:
  absl::StatusOr<int> Foreground(const Engine& engine,
                                 const std::vector<std::string>& words) {
    if (words.size() > 1) {
      return absl::InvalidArgumentError(
          "you cannot start and attach multiple containers at once");
    }
    Path inspect("/containers/");
    inspect.Add(words[0]) += "/json";
    ASSIGN_OR_RETURN(const boost::json::value container, engine.Get(inspect));
    const boost::json::value& config = Member(container, "Config");
    SessionOptions session;
    session.id = StringMember(container, "Id");
    session.tty = BoolMember(config, "Tty");
    session.send_input = interactive_ && BoolMember(config, "OpenStdin");
    session.detach_keys = detach_keys_;
    RETURN_IF_ERROR(CheckTerminal(session.tty, session.send_input));
    const bool removed =
        BoolMember(Member(container, "HostConfig"), "AutoRemove");
    Path start("/containers/");
    start.Add(session.id) += "/start";
    bool start_failed = false;
    return RunSession(
        engine, session, removed ? "removed" : "next-exit",
        [&] { return engine.Call("POST", start).status(); }, &start_failed);
  }

  bool attach_ = false;
  bool interactive_ = false;
  std::string detach_keys_;
};

}  // namespace

std::unique_ptr<Command> NewStartCommand() {
  return std::make_unique<StartCommand>();
}

}  // namespace tug::cli
