// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/command.h"

namespace tug::cli {
namespace {

class TagCommand final : public Command {
 public:
  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    Path path("/images/");
    path.Add(words[0]) += "/tag";
    const std::string& target = words[1];
    const size_t slash = target.rfind('/');
    const size_t colon =
        target.find(':', slash == std::string::npos ? 0 : slash);
    path.Query("repo", target.substr(0, colon));
    if (colon != std::string::npos) path.Query("tag", target.substr(colon + 1));
    const absl::Status status = engine.Call("POST", path).status();
    return status.ok() ? absl::StatusOr<int>(0) : status;
  }
};

}  // namespace

std::unique_ptr<Command> NewTagCommand() {
  return std::make_unique<TagCommand>();
}

}  // namespace tug::cli
