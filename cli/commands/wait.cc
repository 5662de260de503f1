// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/format/json_text.h"

namespace tug::cli {
namespace {

class WaitCommand final : public Command {
 public:
  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    int exit_status = 0;
    for (const std::string& name : words) {
      Path path("/containers/");
      path.Add(name) += "/wait";
      const auto ended = engine.Call("POST", path);
      if (ended.ok()) {
        PrintLine(absl::StrCat(IntMember(*ended, "StatusCode")));
      } else {
        PrintError(ended.status().message());
        exit_status = 1;
      }
    }
    return exit_status;
  }
};

}  // namespace

std::unique_ptr<Command> NewWaitCommand() {
  return std::make_unique<WaitCommand>();
}

}  // namespace tug::cli
