// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/command.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

class NetworkDisconnectCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.Bool('f', "force", &force_, "Force the container to disconnect");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    Path path("/networks/");
    path.Add(words[0]) += "/disconnect";
    RETURN_IF_ERROR(engine
                        .Call("POST", path,
                              boost::json::object{{"Container", words[1]},
                                                  {"Force", force_}})
                        .status());
    return 0;
  }

 private:
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Command> NewNetworkDisconnectCommand() {
  return std::make_unique<NetworkDisconnectCommand>();
}

}  // namespace tug::cli
