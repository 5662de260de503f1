// SPDX-License-Identifier: Apache-2.0
#include "cli/format/list_output.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/format/json_text.h"
#include "cli/format/table.h"
#include "cli/format/template.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

constexpr char kLabelMap[] = "LabelMap";  // For {{.Label "x"}} only.

std::string StandardTable(const std::vector<Column>& columns, size_t standard,
                          const std::vector<json::object>& rows) {
  Table table;
  std::vector<std::string> cells;
  for (size_t i = 0; i < standard; ++i) cells.push_back(columns[i].header);
  table.AddRow(cells);
  for (const json::object& row : rows) {
    cells.clear();
    for (size_t i = 0; i < standard; ++i) {
      cells.push_back(StringMember(row, columns[i].field));
    }
    table.AddRow(cells);
  }
  return table.ToString();
}

std::string JsonLines(const std::vector<json::object>& rows) {
  std::string text;
  for (json::object row : rows) {
    row.erase(kLabelMap);
    absl::StrAppend(&text, json::serialize(row), "\n");
  }
  return text;
}

}  // namespace

absl::StatusOr<std::string> FormatList(const std::string& format,
                                       const std::vector<Column>& columns,
                                       size_t standard,
                                       const std::vector<json::object>& rows) {
  if (format.empty() || format == "table") {
    return StandardTable(columns, standard, rows);
  }
  if (format == "json") return JsonLines(rows);
  absl::string_view text = format;
  const bool as_table = absl::ConsumePrefix(&text, "table ");
  ASSIGN_OR_RETURN(const Template parsed,
                   Template::Parse({text.data(), text.size()}));
  if (!as_table) {
    std::string out;
    for (const json::object& row : rows) {
      ASSIGN_OR_RETURN(const std::string line, parsed.Execute(row));
      absl::StrAppend(&out, line, "\n");
    }
    return out;
  }
  json::object header;
  for (const Column& column : columns) header[column.field] = column.header;
  Table table;
  std::vector<json::object> all = {header};
  all.insert(all.end(), rows.begin(), rows.end());
  for (const json::object& row : all) {
    ASSIGN_OR_RETURN(const std::string line, parsed.Execute(row));
    table.AddRow(absl::StrSplit(line, '\t'));
  }
  return table.ToString();
}

}  // namespace tug::cli
