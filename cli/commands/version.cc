// SPDX-License-Identifier: Apache-2.0
#include "lib/program/version.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/format/json_text.h"
#include "cli/format/template.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

#if defined(__aarch64__)
constexpr char kArchitecture[] = "arm64";
#else
constexpr char kArchitecture[] = "amd64";
#endif

std::string Line(int indent, const std::string& key, const std::string& value) {
  return absl::StrFormat("%*s%-*s%s\n", indent, "", 20 - indent, key + ":",
                         value);
}

std::string ShowServer(const json::value& server) {
  const std::string platform = StringMember(Member(server, "Platform"), "Name");
  std::string text = absl::StrCat("\nServer:", platform.empty() ? "" : " ",
                                  platform, "\n Engine:\n");
  const std::string minimum = StringMember(server, "MinAPIVersion");
  text += Line(2, "Version", StringMember(server, "Version"));
  text += Line(2, "API version",
               absl::StrCat(StringMember(server, "ApiVersion"),
                            " (minimum version ", minimum, ")"));
  text += Line(2, "Git commit", StringMember(server, "GitCommit"));
  text += Line(2, "Built", StringMember(server, "BuildTime"));
  text += Line(2, "OS/Arch",
               absl::StrCat(StringMember(server, "Os"), "/",
                            StringMember(server, "Arch")));
  for (const json::value& part : ArrayMember(server, "Components")) {
    const std::string name = StringMember(part, "Name");
    if (name == "Engine") continue;
    text += absl::StrCat(" ", name, ":\n");
    text += Line(2, "Version", StringMember(part, "Version"));
  }
  return text;
}

class VersionCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.String('f', "format", &format_, "Format output");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    const json::object client = {{"Version", kVersion},
                                 {"ApiVersion", ApiVersion()},
                                 {"Os", "linux"},
                                 {"Arch", kArchitecture}};
    const auto server = engine.Get(Path("/version"));
    if (!format_.empty()) {
      const json::object both = {
          {"Client", client},
          {"Server", server.ok() ? *server : json::value()}};
      return PrintFormatted(both, server.status());
    }
    Print(absl::StrCat(
        "Client: Tug\n", Line(1, "Version", kVersion),
        Line(1, "API version", ApiVersion()),
        Line(1, "OS/Arch", absl::StrCat("linux/", kArchitecture))));
    if (!server.ok()) return server.status();
    Print(ShowServer(*server));
    return 0;
  }

 private:
  absl::StatusOr<int> PrintFormatted(const json::object& both,
                                     const absl::Status& status) const {
    if (format_ == "json") {
      PrintLine(CompactJson(both));
    } else {
      ASSIGN_OR_RETURN(const Template parsed, Template::Parse(format_));
      ASSIGN_OR_RETURN(const std::string text, parsed.Execute(both));
      PrintLine(text);
    }
    return status.ok() ? absl::StatusOr<int>(0) : status;
  }

  std::string format_;
};

}  // namespace

std::unique_ptr<Command> NewVersionCommand() {
  return std::make_unique<VersionCommand>();
}

}  // namespace tug::cli
