// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/format/json_text.h"
#include "cli/format/list_output.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

constexpr size_t kStandardColumns = 2;

json::object RowOf(const json::value& volume) {
  std::string labels;
  for (const auto& pair : ObjectMember(volume, "Labels")) {
    if (!labels.empty()) labels += ",";
    labels += std::string(pair.key()) + "=" +
              StringMember(Member(volume, "Labels"),
                           {pair.key().data(), pair.key().size()});
  }
  return {{"Driver", StringMember(volume, "Driver")},
          {"Name", StringMember(volume, "Name")},
          {"Scope", StringMember(volume, "Scope")},
          {"Mountpoint", StringMember(volume, "Mountpoint")},
          {"Labels", labels},
          {"LabelMap", ObjectMember(volume, "Labels")}};
}

class VolumeLsCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.List('f', "filter", &filters_, "Filter output");
    flags.String(0, "format", &format_, "Format output");
    flags.Bool('q', "quiet", &quiet_, "Only display volume names");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    Path path("/volumes");
    ASSIGN_OR_RETURN(const std::string filters, EncodeFilters(filters_));
    if (!filters.empty()) path.Query("filters", filters);
    ASSIGN_OR_RETURN(const json::value answer, engine.Get(path));
    std::vector<json::object> rows;
    for (const json::value& volume : ArrayMember(answer, "Volumes")) {
      rows.push_back(RowOf(volume));
    }
    std::sort(rows.begin(), rows.end(),
              [](const json::object& a, const json::object& b) {
                return a.at("Name").get_string() < b.at("Name").get_string();
              });
    if (quiet_ && format_.empty()) format_ = "{{.Name}}";
    const std::vector<Column> columns = {{"Driver", "DRIVER"},
                                         {"Name", "VOLUME NAME"},
                                         {"Scope", "SCOPE"},
                                         {"Mountpoint", "MOUNTPOINT"},
                                         {"Labels", "LABELS"}};
    ASSIGN_OR_RETURN(const std::string text,
                     FormatList(format_, columns, kStandardColumns, rows));
    Print(text);
    return 0;
  }

 private:
  std::vector<std::string> filters_;
  std::string format_;
  bool quiet_ = false;
};

}  // namespace

std::unique_ptr<Command> NewVolumeLsCommand() {
  return std::make_unique<VolumeLsCommand>();
}

}  // namespace tug::cli
