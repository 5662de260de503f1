// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/format/json_text.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

std::string HostAddress(const json::value& binding) {
  const std::string ip = StringMember(binding, "HostIp");
  const std::string shown =
      absl::StrContains(ip, ":") ? absl::StrCat("[", ip, "]") : ip;
  return absl::StrCat(shown, ":", StringMember(binding, "HostPort"));
}

class PortCommand final : public Command {
 public:
  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    Path path("/containers/");
    path.Add(words[0]) += "/json";
    ASSIGN_OR_RETURN(const json::value container, engine.Get(path));
    const json::object& ports =
        ObjectMember(Member(container, "NetworkSettings"), "Ports");
    if (words.size() > 1) return One(ports, words[0], words[1]);
    for (const auto& pair : ports) {
      if (!pair.value().is_array()) continue;
      for (const json::value& binding : pair.value().get_array()) {
        PrintLine(absl::StrCat(std::string(pair.key()), " -> ",
                               HostAddress(binding)));
      }
    }
    return 0;
  }

 private:
  static absl::StatusOr<int> One(const json::object& ports,
                                 const std::string& container,
                                 std::string port) {
    if (!absl::StrContains(port, "/")) port += "/tcp";
    const json::value* bindings = ports.if_contains(port);
    if (bindings == nullptr || !bindings->is_array() ||
        bindings->get_array().empty()) {
      return absl::NotFoundError(absl::StrCat("no public port '", port,
                                              "' published for ", container));
    }
    for (const json::value& binding : bindings->get_array()) {
      PrintLine(HostAddress(binding));
    }
    return 0;
  }
};

}  // namespace

std::unique_ptr<Command> NewPortCommand() {
  return std::make_unique<PortCommand>();
}

}  // namespace tug::cli
