// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/format/json_text.h"

namespace tug::cli {
namespace {

class RmiCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.Bool('f', "force", &force_, "Force removal of the image");
    flags.Bool(0, "no-prune", &no_prune_, "Do not delete untagged parents");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    int exit_status = 0;
    for (const std::string& name : words) {
      Path path("/images/");
      path.Add(name);
      path.Flag("force", force_).Flag("noprune", no_prune_);
      const auto removed = engine.Call("DELETE", path);
      if (!removed.ok()) {
        PrintError(removed.status().message());
        // With force a missing image is no failure.
        if (!(force_ && absl::IsNotFound(removed.status()))) exit_status = 1;
        continue;
      }
      if (removed->is_array()) Show(removed->get_array());
    }
    return exit_status;
  }

 private:
  static void Show(const boost::json::array& items) {
    for (const boost::json::value& item : items) {
      const std::string deleted = StringMember(item, "Deleted");
      PrintLine(deleted.empty()
                    ? absl::StrCat("Untagged: ", StringMember(item, "Untagged"))
                    : absl::StrCat("Deleted: ", deleted));
    }
  }

  bool force_ = false;
  bool no_prune_ = false;
};

}  // namespace

std::unique_ptr<Command> NewRmiCommand() {
  return std::make_unique<RmiCommand>();
}

}  // namespace tug::cli
