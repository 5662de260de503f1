// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/command.h"
#include "cli/commands/output.h"

namespace tug::cli {
namespace {

class VolumeRmCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.Bool('f', "force", &force_, "Force the removal of volumes");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    return ForEach(words, [&](const std::string& name) {
      Path path("/volumes/");
      path.Add(name);
      path.Flag("force", force_);
      return engine.Call("DELETE", path).status();
    });
  }

 private:
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Command> NewVolumeRmCommand() {
  return std::make_unique<VolumeRmCommand>();
}

}  // namespace tug::cli
