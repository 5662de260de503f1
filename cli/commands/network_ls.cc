// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/format/human.h"
#include "cli/format/json_text.h"
#include "cli/format/list_output.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

constexpr size_t kStandardColumns = 4;

std::string BoolText(const json::value& network, const char* key) {
  return BoolMember(network, key) ? "true" : "false";
}

class NetworkLsCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.List('f', "filter", &filters_, "Filter output");
    flags.String(0, "format", &format_, "Format output");
    flags.Bool(0, "no-trunc", &no_trunc_, "Do not truncate output");
    flags.Bool('q', "quiet", &quiet_, "Only display network IDs");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    Path path("/networks");
    ASSIGN_OR_RETURN(const std::string filters, EncodeFilters(filters_));
    if (!filters.empty()) path.Query("filters", filters);
    ASSIGN_OR_RETURN(const json::value list, engine.Get(path));
    std::vector<json::object> rows;
    if (list.is_array()) {
      for (const json::value& network : list.get_array()) {
        rows.push_back(RowOf(network));
      }
    }
    std::sort(rows.begin(), rows.end(),
              [](const json::object& a, const json::object& b) {
                return a.at("Name").get_string() < b.at("Name").get_string();
              });
    if (quiet_ && format_.empty()) format_ = "{{.ID}}";
    const std::vector<Column> columns = {
        {"ID", "NETWORK ID"}, {"Name", "NAME"},
        {"Driver", "DRIVER"}, {"Scope", "SCOPE"},
        {"IPv6", "IPV6"},     {"Internal", "INTERNAL"},
        {"Labels", "LABELS"}, {"CreatedAt", "CREATED AT"}};
    ASSIGN_OR_RETURN(const std::string text,
                     FormatList(format_, columns, kStandardColumns, rows));
    Print(text);
    return 0;
  }

 private:
  json::object RowOf(const json::value& network) const {
    const std::string id = StringMember(network, "Id");
    std::string labels;
    for (const auto& pair : ObjectMember(network, "Labels")) {
      if (!labels.empty()) labels += ",";
      labels += std::string(pair.key()) + "=" +
                StringMember(Member(network, "Labels"),
                             {pair.key().data(), pair.key().size()});
    }
    return {{"ID", no_trunc_ ? id : ShortenId(id)},
            {"Name", StringMember(network, "Name")},
            {"Driver", StringMember(network, "Driver")},
            {"Scope", StringMember(network, "Scope")},
            {"IPv6", BoolText(network, "EnableIPv6")},
            {"Internal", BoolText(network, "Internal")},
            {"Labels", labels},
            {"LabelMap", ObjectMember(network, "Labels")},
            {"CreatedAt", StringMember(network, "Created")}};
  }

  std::vector<std::string> filters_;
  std::string format_;
  bool no_trunc_ = false;
  bool quiet_ = false;
};

}  // namespace

std::unique_ptr<Command> NewNetworkLsCommand() {
  return std::make_unique<NetworkLsCommand>();
}

}  // namespace tug::cli
