// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/format/template.h"

namespace tug::cli {

// Turns a template's text into nodes; used once.
class Template::Parser {
 public:
  explicit Parser(absl::string_view text) : rest_(text) {}
  absl::StatusOr<std::vector<Node>> Run();

 private:
  // What ended a list of nodes.
  enum class Stop { kEndOfText, kEnd, kElse };

  absl::Status ParseNodes(int depth, std::vector<Node>& nodes, Stop& stop);
  absl::Status ParseAction(int depth, std::vector<std::string> words,
                           std::vector<Node>& nodes);
  absl::Status ParseRange(int depth, std::vector<std::string> words,
                          std::vector<Node>& nodes);
  absl::Status ParseIf(int depth, std::vector<std::string> words,
                       std::vector<Node>& nodes);

  absl::string_view rest_;
};

}  // namespace tug::cli
