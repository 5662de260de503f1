// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "cli/commands/command.h"

namespace tug::cli {
namespace {

class RenameCommand final : public Command {
 public:
  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    Path path("/containers/");
    path.Add(words[0]) += "/rename";
    path.Query("name", words[1]);
    const absl::Status status = engine.Call("POST", path).status();
    if (status.ok()) return 0;
    return absl::Status(
        status.code(),
        absl::StrCat("failed to rename container: ", status.message()));
  }
};

}  // namespace

std::unique_ptr<Command> NewRenameCommand() {
  return std::make_unique<RenameCommand>();
}

}  // namespace tug::cli
