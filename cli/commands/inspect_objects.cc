// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/inspect_objects.h"

#include "cli/commands/output.h"
#include "cli/format/json_text.h"
#include "cli/format/template.h"
#include "lib/base/status_macros.h"

namespace tug::cli {

absl::StatusOr<int> InspectObjects(
    const std::vector<std::string>& names, const std::string& format,
    const std::function<
        absl::StatusOr<boost::json::value>(const std::string& name)>& look_up) {
  const bool as_array = format.empty() || format == "json";
  ASSIGN_OR_RETURN(const Template parsed,
                   Template::Parse(as_array ? "" : format));
  boost::json::array found;
  std::vector<absl::Status> failures;
  std::string lines;
  for (const std::string& name : names) {
    absl::StatusOr<boost::json::value> object = look_up(name);
    if (!object.ok()) {
      failures.push_back(object.status());
    } else if (as_array) {
      found.push_back(*std::move(object));
    } else {
      const auto line = parsed.Execute(*object);
      if (!line.ok()) {
        failures.push_back(line.status());
        continue;
      }
      lines += *line + "\n";
    }
  }
  if (format.empty()) {
    PrintLine(IndentedJson(found));
  } else if (as_array) {
    PrintLine(CompactJson(found));
  } else {
    Print(lines.empty() ? "\n" : lines);
  }
  for (const absl::Status& failure : failures) PrintError(failure.message());
  return failures.empty() ? 0 : 1;
}

}  // namespace tug::cli
