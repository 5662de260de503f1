// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/commands/pull_image.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

class PullCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.Bool('a', "all-tags", &options_.all_tags,
               "Download all tagged images of the repository");
    flags.Bool('q', "quiet", &options_.quiet, "Suppress verbose output");
    flags.String(0, "platform", &options_.platform,
                 "Platform: os/arch[/variant]");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    options_.image = words[0];
    const std::string full = WithDefaultTag(words[0]);
    if (full != words[0] && !options_.quiet && !options_.all_tags) {
      PrintLine("Using default tag: latest");
    }
    RETURN_IF_ERROR(PullImage(engine, options_));
    if (options_.quiet) PrintLine(full);
    return 0;
  }

 private:
  PullOptions options_;
};

}  // namespace

std::unique_ptr<Command> NewPullCommand() {
  return std::make_unique<PullCommand>();
}

}  // namespace tug::cli
