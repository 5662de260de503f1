// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/format/json_text.h"
#include "cli/options/environment.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

class VolumeCreateCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.String('d', "driver", &driver_, "Specify volume driver name");
    flags.List(0, "label", &labels_, "Set metadata for a volume");
    flags.List('o', "opt", &options_, "Set driver specific options");
    flags.String(0, "name", &name_, "Name of the volume");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    if (!words.empty() && !name_.empty()) {
      return absl::InvalidArgumentError(
          "conflicting options: cannot specify a volume-name through both "
          "--name and as a positional arg");
    }
    ASSIGN_OR_RETURN(boost::json::object labels, ReadLabels({}, labels_));
    boost::json::object body = {{"Name", words.empty() ? name_ : words[0]},
                                {"Driver", driver_},
                                {"Labels", std::move(labels)}};
    if (!options_.empty()) body["DriverOpts"] = PairsToObject(options_);
    ASSIGN_OR_RETURN(const boost::json::value created,
                     engine.Call("POST", Path("/volumes/create"), body));
    PrintLine(StringMember(created, "Name"));
    return 0;
  }

 private:
  std::string driver_ = "local";
  std::string name_;
  std::vector<std::string> labels_;
  std::vector<std::string> options_;
};

}  // namespace

std::unique_ptr<Command> NewVolumeCreateCommand() {
  return std::make_unique<VolumeCreateCommand>();
}

}  // namespace tug::cli
