// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/command.h"
#include "cli/commands/output.h"

namespace tug::cli {
namespace {

class NetworkRmCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.Bool('f', "force", &force_,
               "Do not fail if the network does not exist");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    return ForEach(words, [&](const std::string& name) {
      Path path("/networks/");
      path.Add(name);
      const absl::Status status = engine.Call("DELETE", path).status();
      return force_ && absl::IsNotFound(status) ? absl::OkStatus() : status;
    });
  }

 private:
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Command> NewNetworkRmCommand() {
  return std::make_unique<NetworkRmCommand>();
}

}  // namespace tug::cli
