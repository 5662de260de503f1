// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "cli/commands/command.h"
#include "cli/commands/inspect_objects.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

struct Kind {
  const char* name;
  const char* before;  // Of the path.
  const char* after;
};

// In the order in which a name is looked up.
constexpr Kind kKinds[] = {
    {"container", "/containers/", "/json"},
    {"image", "/images/", "/json"},
    {"network", "/networks/", ""},
    {"volume", "/volumes/", ""},
};

class InspectCommand final : public Command {
 public:
  explicit InspectCommand(const char* type) : type_(type) {}

  void AddFlags(FlagSet& flags) override {
    flags.String('f', "format", &format_, "Format output");
    flags.Bool('s', "size", &size_, "Display total file sizes");
    // A command of one kind has no --type.
    if (type_.empty()) {
      flags.String(0, "type", &type_,
                   "Only this kind: container, image, network or volume");
    }
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    RETURN_IF_ERROR(CheckType());
    return InspectObjects(words, format_, [&](const std::string& name) {
      return LookUp(engine, name);
    });
  }

 private:
  absl::Status CheckType() const {
    if (type_.empty()) return absl::OkStatus();
    for (const Kind& kind : kKinds) {
      if (type_ == kind.name) return absl::OkStatus();
    }
    return absl::InvalidArgumentError(
        absl::StrCat("unknown type: \"", type_,
                     "\"; give container, image, network or volume"));
  }

  absl::StatusOr<boost::json::value> LookUp(const Engine& engine,
                                            const std::string& name) const {
    for (const Kind& kind : kKinds) {
      if (!type_.empty() && type_ != kind.name) continue;
      Path path(kind.before);
      path.Add(name) += kind.after;
      path.Flag("size", size_ && kind.before == kKinds[0].before);
      auto found = engine.Get(path);
      const absl::StatusCode code = found.status().code();
      // What is no name of this kind at all may be one of the next.
      const bool absent = code == absl::StatusCode::kNotFound ||
                          code == absl::StatusCode::kInvalidArgument;
      if (found.ok() || !absent || !type_.empty()) return found;
    }
    return absl::NotFoundError(absl::StrCat("error: no such object: ", name));
  }

  std::string type_;
  std::string format_;
  bool size_ = false;
};

}  // namespace

std::unique_ptr<Command> NewInspectCommand() {
  return std::make_unique<InspectCommand>("");
}

std::unique_ptr<Command> NewContainerInspectCommand() {
  return std::make_unique<InspectCommand>("container");
}

std::unique_ptr<Command> NewImageInspectCommand() {
  return std::make_unique<InspectCommand>("image");
}

std::unique_ptr<Command> NewNetworkInspectCommand() {
  return std::make_unique<InspectCommand>("network");
}

std::unique_ptr<Command> NewVolumeInspectCommand() {
  return std::make_unique<InspectCommand>("volume");
}

}  // namespace tug::cli
