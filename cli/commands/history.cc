// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/format/human.h"
#include "cli/format/json_text.h"
#include "cli/format/list_output.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

constexpr size_t kCommandWidth = 45;
constexpr size_t kStandardColumns = 5;

class HistoryCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.String(0, "format", &format_, "Format output");
    flags.Bool('H', "human", &human_, "Sizes and dates for people");
    flags.Bool(0, "no-trunc", &no_trunc_, "Do not truncate output");
    flags.Bool('q', "quiet", &quiet_, "Only show image IDs");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    Path path("/images/");
    path.Add(words[0]) += "/history";
    ASSIGN_OR_RETURN(const json::value list, engine.Get(path));
    std::vector<json::object> rows;
    if (list.is_array()) {
      for (const json::value& step : list.get_array()) {
        rows.push_back(RowOf(step));
      }
    }
    if (quiet_ && format_.empty()) format_ = "{{.ID}}";
    const std::vector<Column> columns = {{"ID", "IMAGE"},
                                         {"CreatedSince", "CREATED"},
                                         {"CreatedBy", "CREATED BY"},
                                         {"Size", "SIZE"},
                                         {"Comment", "COMMENT"},
                                         {"CreatedAt", "CREATED AT"}};
    ASSIGN_OR_RETURN(const std::string text,
                     FormatList(format_, columns, kStandardColumns, rows));
    Print(text);
    return 0;
  }

 private:
  json::object RowOf(const json::value& step) const {
    const absl::Time created =
        absl::FromUnixSeconds(IntMember(step, "Created"));
    const std::string id = StringMember(step, "Id");
    std::string command = StringMember(step, "CreatedBy");
    for (char& c : command) c = c == '\t' ? ' ' : c;
    const int64_t size = IntMember(step, "Size");
    json::object row;
    row["ID"] = no_trunc_ ? id : ShortenId(id);
    row["CreatedSince"] =
        human_ ? absl::StrCat(HumanDuration(absl::Now() - created), " ago")
               : LocalTime(created);
    row["CreatedAt"] = LocalTime(created);
    row["CreatedBy"] = no_trunc_ ? command : Ellipsis(command, kCommandWidth);
    row["Size"] = human_ ? HumanSize(size) : absl::StrCat(size);
    row["Comment"] = StringMember(step, "Comment");
    return row;
  }

  bool human_ = true;
  bool no_trunc_ = false;
  bool quiet_ = false;
  std::string format_;
};

}  // namespace

std::unique_ptr<Command> NewHistoryCommand() {
  return std::make_unique<HistoryCommand>();
}

}  // namespace tug::cli
