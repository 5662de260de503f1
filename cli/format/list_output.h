// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "boost/json.hpp"

namespace tug::cli {

// One column of a list: the member of a row, and its header.
struct Column {
  std::string field;   // "ID"
  std::string header;  // "CONTAINER ID"
};

// Prints rows (objects of strings) as --format asks: "" or "table" the
// standard columns, "table TEMPLATE", "json" (an object a line), "TEMPLATE".
// `columns` holds all fields; the first `standard` ones make the table.
absl::StatusOr<std::string> FormatList(
    const std::string& format, const std::vector<Column>& columns,
    size_t standard, const std::vector<boost::json::object>& rows);

}  // namespace tug::cli
