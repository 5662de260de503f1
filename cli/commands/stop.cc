// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"

namespace tug::cli {
namespace {

// `stop` and `restart`: the same words for two routes.
class StopCommand final : public Command {
 public:
  explicit StopCommand(const char* action) : action_(action) {}

  void AddFlags(FlagSet& flags) override {
    flags.Int('t', "timeout", &timeout_,
              "Seconds to wait before killing the container");
    flags.Alias("time", "timeout");
    flags.String('s', "signal", &signal_, "Signal to send to the container");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    return ForEach(words, [&](const std::string& name) {
      Path path("/containers/");
      path.Add(name) += action_;
      if (timeout_.has_value()) path.Query("t", absl::StrCat(*timeout_));
      if (!signal_.empty()) path.Query("signal", signal_);
      return engine.Call("POST", path).status();
    });
  }

 private:
  const char* const action_;
  std::optional<int64_t> timeout_;
  std::string signal_;
};

}  // namespace

std::unique_ptr<Command> NewStopCommand() {
  return std::make_unique<StopCommand>("/stop");
}

std::unique_ptr<Command> NewRestartCommand() {
  return std::make_unique<StopCommand>("/restart");
}

}  // namespace tug::cli
