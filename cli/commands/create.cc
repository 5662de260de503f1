// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/command.h"
#include "cli/commands/create_container.h"
#include "cli/commands/output.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

class CreateCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override { AddContainerFlags(options_, flags); }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    ASSIGN_OR_RETURN(const std::string id,
                     CreateContainer(engine, options_, words[0],
                                     {words.begin() + 1, words.end()}));
    PrintLine(id);
    return 0;
  }

 private:
  ContainerOptions options_;
};

}  // namespace

std::unique_ptr<Command> NewCreateCommand() {
  return std::make_unique<CreateCommand>();
}

}  // namespace tug::cli
