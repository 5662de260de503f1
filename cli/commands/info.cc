// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/format/human.h"
#include "cli/format/json_text.h"
#include "cli/format/template.h"
#include "lib/base/status_macros.h"
#include "lib/program/version.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

void Add(std::string& text, absl::string_view key, absl::string_view value) {
  if (!value.empty()) absl::StrAppend(&text, " ", key, ": ", value, "\n");
}

std::string Words(const json::array& values) {
  std::vector<std::string> words;
  for (const json::value& value : values) {
    if (value.is_string()) words.emplace_back(value.get_string());
  }
  return absl::StrJoin(words, " ");
}

void AddCounts(const json::value& info, std::string& text) {
  Add(text, "Containers", absl::StrCat(IntMember(info, "Containers")));
  Add(text, " Running", absl::StrCat(IntMember(info, "ContainersRunning")));
  Add(text, " Paused", absl::StrCat(IntMember(info, "ContainersPaused")));
  Add(text, " Stopped", absl::StrCat(IntMember(info, "ContainersStopped")));
  Add(text, "Images", absl::StrCat(IntMember(info, "Images")));
}

void AddDrivers(const json::value& info, std::string& text) {
  Add(text, "Server Version", StringMember(info, "ServerVersion"));
  Add(text, "Storage Driver", StringMember(info, "Driver"));
  for (const json::value& pair : ArrayMember(info, "DriverStatus")) {
    if (!pair.is_array() || pair.get_array().size() != 2) continue;
    const json::array& sides = pair.get_array();
    if (sides[0].is_string() && sides[1].is_string()) {
      Add(text, absl::StrCat(" ", std::string(sides[0].get_string())),
          std::string(sides[1].get_string()));
    }
  }
  Add(text, "Logging Driver", StringMember(info, "LoggingDriver"));
  Add(text, "Cgroup Driver", StringMember(info, "CgroupDriver"));
  Add(text, "Cgroup Version", StringMember(info, "CgroupVersion"));
  const json::value& plugins = Member(info, "Plugins");
  absl::StrAppend(&text, " Plugins:\n");
  Add(text, " Volume", Words(ArrayMember(plugins, "Volume")));
  Add(text, " Network", Words(ArrayMember(plugins, "Network")));
  Add(text, " Log", Words(ArrayMember(plugins, "Log")));
}

void AddHost(const json::value& info, std::string& text) {
  Add(text, "Swarm", StringMember(Member(info, "Swarm"), "LocalNodeState"));
  std::vector<std::string> runtimes;
  for (const auto& pair : ObjectMember(info, "Runtimes")) {
    runtimes.emplace_back(pair.key());
  }
  Add(text, "Runtimes", absl::StrJoin(runtimes, " "));
  Add(text, "Default Runtime", StringMember(info, "DefaultRuntime"));
  const json::array& security = ArrayMember(info, "SecurityOptions");
  if (!security.empty()) absl::StrAppend(&text, " Security Options:\n");
  for (const json::value& option : security) {
    if (option.is_string()) {
      absl::StrAppend(&text, "  ", std::string(option.get_string()), "\n");
    }
  }
  Add(text, "Kernel Version", StringMember(info, "KernelVersion"));
  Add(text, "Operating System", StringMember(info, "OperatingSystem"));
  Add(text, "OSType", StringMember(info, "OSType"));
  Add(text, "Architecture", StringMember(info, "Architecture"));
  Add(text, "CPUs", absl::StrCat(IntMember(info, "NCPU")));
  Add(text, "Total Memory", BinarySize(IntMember(info, "MemTotal")));
  Add(text, "Name", StringMember(info, "Name"));
  Add(text, "ID", StringMember(info, "ID"));
  Add(text, "Docker Root Dir", StringMember(info, "DockerRootDir"));
  Add(text, "Debug Mode", BoolMember(info, "Debug") ? "true" : "false");
  Add(text, "Experimental",
      BoolMember(info, "ExperimentalBuild") ? "true" : "false");
  Add(text, "Live Restore Enabled",
      BoolMember(info, "LiveRestoreEnabled") ? "true" : "false");
}

class InfoCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.String('f', "format", &format_, "Format output");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    ASSIGN_OR_RETURN(const json::value info, engine.Get(Path("/info")));
    if (format_ == "json") {
      PrintLine(CompactJson(info));
      return 0;
    }
    if (!format_.empty()) {
      ASSIGN_OR_RETURN(const Template parsed, Template::Parse(format_));
      ASSIGN_OR_RETURN(const std::string text, parsed.Execute(info));
      PrintLine(text);
      return 0;
    }
    std::string text = "Client: Tug\n";
    Add(text, "Version", kVersion);
    absl::StrAppend(&text, "\nServer:\n");
    AddCounts(info, text);
    AddDrivers(info, text);
    AddHost(info, text);
    Print(text);
    for (const json::value& warning : ArrayMember(info, "Warnings")) {
      if (warning.is_string()) PrintError(std::string(warning.get_string()));
    }
    return 0;
  }

 private:
  std::string format_;
};

}  // namespace

std::unique_ptr<Command> NewInfoCommand() {
  return std::make_unique<InfoCommand>();
}

}  // namespace tug::cli
