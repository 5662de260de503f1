// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_join.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/format/json_text.h"
#include "cli/format/table.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

std::vector<std::string> Texts(const boost::json::array& values) {
  std::vector<std::string> texts;
  for (const boost::json::value& value : values) {
    texts.emplace_back(value.is_string() ? std::string(value.get_string())
                                         : CompactJson(value));
  }
  return texts;
}

class TopCommand final : public Command {
 public:
  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    Path path("/containers/");
    path.Add(words[0]) += "/top";
    if (words.size() > 1) {
      path.Query("ps_args", absl::StrJoin(words.begin() + 1, words.end(), " "));
    }
    ASSIGN_OR_RETURN(const boost::json::value top, engine.Get(path));
    Table table;
    table.AddRow(Texts(ArrayMember(top, "Titles")));
    for (const boost::json::value& row : ArrayMember(top, "Processes")) {
      if (row.is_array()) table.AddRow(Texts(row.get_array()));
    }
    Print(table.ToString());
    return 0;
  }
};

}  // namespace

std::unique_ptr<Command> NewTopCommand() {
  return std::make_unique<TopCommand>();
}

}  // namespace tug::cli
