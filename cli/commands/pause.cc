// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/command.h"
#include "cli/commands/output.h"

namespace tug::cli {
namespace {

// pause and unpause differ in one word of the path.
class PauseCommand final : public Command {
 public:
  explicit PauseCommand(const char* verb) : verb_(verb) {}

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    return ForEach(words, [&](const std::string& name) {
      Path path("/containers/");
      path.Add(name) += verb_;
      return engine.Call("POST", path).status();
    });
  }

 private:
  const char* const verb_;
};

}  // namespace

std::unique_ptr<Command> NewPauseCommand() {
  return std::make_unique<PauseCommand>("/pause");
}

std::unique_ptr<Command> NewUnpauseCommand() {
  return std::make_unique<PauseCommand>("/unpause");
}

}  // namespace tug::cli
