// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/command.h"
#include "cli/commands/output.h"

namespace tug::cli {
namespace {

class RmCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.Bool('f', "force", &force_,
               "Force the removal of a running container (uses SIGKILL)");
    flags.Bool('v', "volumes", &volumes_,
               "Remove anonymous volumes associated with the container");
    flags.Bool('l', "link", &link_, "Remove the specified link");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    return ForEach(words, [&](const std::string& name) {
      Path path("/containers/");
      path.Add(name);
      path.Flag("force", force_).Flag("v", volumes_).Flag("link", link_);
      const absl::Status status = engine.Call("DELETE", path).status();
      // With force, what is not there needs no removal; it is still told.
      if (force_ && absl::IsNotFound(status)) {
        PrintError(status.message());
        return absl::OkStatus();
      }
      return status;
    });
  }

 private:
  bool force_ = false;
  bool volumes_ = false;
  bool link_ = false;
};

}  // namespace

std::unique_ptr<Command> NewRmCommand() {
  return std::make_unique<RmCommand>();
}

}  // namespace tug::cli
