// SPDX-License-Identifier: Apache-2.0
#include "cli/format/template_parser.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

constexpr int kMaxDepth = 16;

absl::Status Failed(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("template parsing error: ", what));
}

// "\t" and "\n" are what shells hand over for tabs and newlines.
std::string Unescape(absl::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() &&
        (text[i + 1] == 't' || text[i + 1] == 'n')) {
      plain += text[++i] == 't' ? '\t' : '\n';
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// Splits an action into words; a quoted one keeps its opening quote as mark.
absl::StatusOr<std::vector<std::string>> SplitWords(absl::string_view text) {
  std::vector<std::string> words;
  size_t i = 0;
  while (i < text.size()) {
    if (absl::ascii_isspace(static_cast<unsigned char>(text[i])) ||
        text[i] == ',') {
      ++i;
      continue;
    }
    if (text[i] == '(' || text[i] == ')' || text[i] == '|') {
      return Failed(absl::StrCat("\"", text.substr(i, 1),
                                 "\" is not supported in --format here"));
    }
    size_t end = i;
    if (text[i] == '"' || text[i] == '`') {
      end = text.find(text[i], i + 1);
      if (end == absl::string_view::npos) return Failed("unterminated string");
      words.push_back(absl::StrCat("\"", text.substr(i + 1, end - i - 1)));
      i = end + 1;
      continue;
    }
    while (end < text.size() && text[end] != ',' && text[end] != ')' &&
           text[end] != '(' && text[end] != '|' &&
           !absl::ascii_isspace(static_cast<unsigned char>(text[end]))) {
      ++end;
    }
    words.emplace_back(text.substr(i, end - i));
    i = end;
  }
  return words;
}

}  // namespace

absl::StatusOr<std::vector<Template::Node>> Template::Parser::Run() {
  std::vector<Node> nodes;
  Stop stop = Stop::kEndOfText;
  RETURN_IF_ERROR(ParseNodes(0, nodes, stop));
  if (stop != Stop::kEndOfText) return Failed("unexpected {{end}} or {{else}}");
  return nodes;
}

absl::Status Template::Parser::ParseNodes(int depth, std::vector<Node>& nodes,
                                          Stop& stop) {
  if (depth > kMaxDepth) return Failed("nested too deeply");
  while (!rest_.empty()) {
    const size_t open = rest_.find("{{");
    if (open != 0) {
      Node text;
      text.text = Unescape(rest_.substr(0, open));
      nodes.push_back(std::move(text));
      rest_.remove_prefix(std::min(open, rest_.size()));
      continue;
    }
    const size_t close = rest_.find("}}");
    if (close == absl::string_view::npos) return Failed("unclosed action");
    ASSIGN_OR_RETURN(std::vector<std::string> words,
                     SplitWords(rest_.substr(2, close - 2)));
    rest_.remove_prefix(close + 2);
    if (words.empty()) return Failed("missing value for command");
    if (words[0] == "end" || words[0] == "else") {
      if (words.size() > 1) return Failed("{{else if}} is not supported");
      stop = words[0] == "end" ? Stop::kEnd : Stop::kElse;
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(ParseAction(depth, std::move(words), nodes));
  }
  stop = Stop::kEndOfText;
  return absl::OkStatus();
}

absl::Status Template::Parser::ParseAction(int depth,
                                           std::vector<std::string> words,
                                           std::vector<Node>& nodes) {
  if (words[0] == "range") return ParseRange(depth, std::move(words), nodes);
  if (words[0] == "if") return ParseIf(depth, std::move(words), nodes);
  Node node;
  node.kind = Node::Kind::kAction;
  node.words = std::move(words);
  nodes.push_back(std::move(node));
  return absl::OkStatus();
}

absl::Status Template::Parser::ParseRange(int depth,
                                          std::vector<std::string> words,
                                          std::vector<Node>& nodes) {
  Node node;
  node.kind = Node::Kind::kRange;
  words.erase(words.begin());
  if (words.size() == 4 && words[2] == ":=") {
    node.key_variable = words[0];
    node.value_variable = words[1];
    words.erase(words.begin(), words.begin() + 3);
  } else if (words.size() == 3 && words[1] == ":=") {
    node.value_variable = words[0];
    words.erase(words.begin(), words.begin() + 2);
  }
  if (words.size() != 1) return Failed("unsupported {{range}}");
  node.words = std::move(words);
  Stop stop = Stop::kEndOfText;
  RETURN_IF_ERROR(ParseNodes(depth + 1, node.body, stop));
  if (stop != Stop::kEnd) return Failed("{{range}} without {{end}}");
  nodes.push_back(std::move(node));
  return absl::OkStatus();
}

absl::Status Template::Parser::ParseIf(int depth,
                                       std::vector<std::string> words,
                                       std::vector<Node>& nodes) {
  Node node;
  node.kind = Node::Kind::kIf;
  words.erase(words.begin());
  if (words.empty()) return Failed("missing value for if");
  node.words = std::move(words);
  Stop stop = Stop::kEndOfText;
  RETURN_IF_ERROR(ParseNodes(depth + 1, node.body, stop));
  if (stop == Stop::kElse) {
    RETURN_IF_ERROR(ParseNodes(depth + 1, node.otherwise, stop));
  }
  if (stop != Stop::kEnd) return Failed("{{if}} without {{end}}");
  nodes.push_back(std::move(node));
  return absl::OkStatus();
}

}  // namespace tug::cli
