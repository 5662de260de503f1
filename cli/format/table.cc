// SPDX-License-Identifier: Apache-2.0
#include "cli/format/table.h"

#include <algorithm>

namespace tug::cli {
namespace {

constexpr size_t kMinimumWidth = 10;
constexpr size_t kPadding = 3;

}  // namespace

size_t DisplayWidth(const std::string& text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string Table::ToString() const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()), kMinimumWidth);
    for (size_t i = 0; i + 1 < row.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row[i]) + kPadding);
    }
  }
  std::string text;
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) {
        text.append(widths[i] - DisplayWidth(row[i]), ' ');
      }
    }
    text += '\n';
  }
  return text;
}

}  // namespace tug::cli
