// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/command.h"
#include "cli/commands/output.h"

namespace tug::cli {
namespace {

class KillCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.String('s', "signal", &signal_, "Signal to send to the container");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    return ForEach(words, [&](const std::string& name) {
      Path path("/containers/");
      path.Add(name) += "/kill";
      if (!signal_.empty()) path.Query("signal", signal_);
      return engine.Call("POST", path).status();
    });
  }

 private:
  std::string signal_;
};

}  // namespace

std::unique_ptr<Command> NewKillCommand() {
  return std::make_unique<KillCommand>();
}

}  // namespace tug::cli
