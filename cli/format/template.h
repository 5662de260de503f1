// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "boost/json.hpp"

namespace tug::cli {

// The part of Go's text/template that --format needs:
//   {{.A.B}}  {{.}}  {{json .A}}  {{index .A "key"}}  {{index .A 0}}
//   {{len .A}}  {{upper .A}}  {{lower .A}}  {{.Label "key"}}
//   {{range .A}}...{{end}}  {{range $k, $v := .A}}...{{end}}
//   {{if .A}}...{{else}}...{{end}}  {{println}}
// Everything else is an error, never silently left out.
class Template {
 public:
  // INVALID_ARGUMENT says what is not understood.
  static absl::StatusOr<Template> Parse(absl::string_view text);

  // INVALID_ARGUMENT if the value lacks a member.
  absl::StatusOr<std::string> Execute(const boost::json::value& value) const;

  // Names of the members of the top value that are used, in order.
  std::vector<std::string> Fields() const;

 private:
  struct Node {
    enum class Kind { kText, kAction, kRange, kIf } kind = Kind::kText;
    std::string text;                // kText
    std::vector<std::string> words;  // Others: the action's words.
    std::string key_variable;        // kRange: "$k"; may be empty.
    std::string value_variable;      // kRange: "$v"; may be empty.
    std::vector<Node> body;
    std::vector<Node> otherwise;  // kIf
  };
  struct Scope;
  class Parser;

  static absl::Status ExecuteAll(const std::vector<Node>& nodes,
                                 const Scope& scope, std::string& out);
  static absl::Status ExecuteRange(const Node& node, const Scope& scope,
                                   std::string& out);
  static absl::StatusOr<boost::json::value> Evaluate(
      const std::vector<std::string>& words, const Scope& scope);
  static absl::StatusOr<boost::json::value> EvaluateWord(
      const std::string& word, const Scope& scope);
  static absl::StatusOr<boost::json::value> Index(
      const std::vector<std::string>& words, const Scope& scope);

  std::vector<Node> nodes_;
};

}  // namespace tug::cli
