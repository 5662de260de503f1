// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tug::cli {

// Rows in aligned columns: each column as wide as its widest cell and three
// spaces, at least ten; the last one is not padded.
class Table {
 public:
  void AddRow(std::vector<std::string> cells) {
    rows_.push_back(std::move(cells));
  }
  std::string ToString() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// Characters of UTF-8 text.
size_t DisplayWidth(const std::string& text);

}  // namespace tug::cli
