// SPDX-License-Identifier: Apache-2.0
#include "cli/format/template.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/format/json_text.h"
#include "cli/format/template_parser.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

absl::Status Failed(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("template parsing error: ", what));
}

// As Go's fmt prints with %v.
std::string GoText(const json::value& value) {
  if (value.is_null()) return "<no value>";
  if (value.is_string()) return std::string(value.get_string());
  std::string text;
  if (value.is_array()) {
    for (const json::value& element : value.get_array()) {
      absl::StrAppend(&text, text.empty() ? "" : " ", GoText(element));
    }
    return absl::StrCat("[", text, "]");
  }
  if (value.is_object()) {
    std::map<std::string, std::string> sorted;
    for (const auto& pair : value.get_object()) {
      sorted[std::string(pair.key())] = GoText(pair.value());
    }
    for (const auto& [key, shown] : sorted) {
      absl::StrAppend(&text, text.empty() ? "" : " ", key, ":", shown);
    }
    return absl::StrCat("map[", text, "]");
  }
  return CompactJson(value);
}

bool IsTrue(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return false;
    case json::kind::bool_:
      return value.get_bool();
    case json::kind::int64:
      return value.get_int64() != 0;
    case json::kind::uint64:
      return value.get_uint64() != 0;
    case json::kind::double_:
      return value.get_double() != 0;
    case json::kind::string:
      return !value.get_string().empty();
    case json::kind::array:
      return !value.get_array().empty();
    case json::kind::object:
      return !value.get_object().empty();
  }
  return false;
}

absl::StatusOr<int64_t> Length(const json::value& value) {
  if (value.is_string()) return static_cast<int64_t>(value.get_string().size());
  if (value.is_array()) return static_cast<int64_t>(value.get_array().size());
  if (value.is_object()) return static_cast<int64_t>(value.get_object().size());
  return Failed("len of a value that has no length");
}

// Walks ".A.B" down from `value`.
absl::StatusOr<json::value> Walk(const json::value& value,
                                 absl::string_view path) {
  const json::value* current = &value;
  for (const absl::string_view key :
       absl::StrSplit(path, '.', absl::SkipEmpty())) {
    if (current->is_null()) return json::value();
    if (!current->is_object()) {
      return Failed(absl::StrCat("can't evaluate field ", key));
    }
    const json::value* next = current->get_object().if_contains(
        json::string_view(key.data(), key.size()));
    if (next == nullptr) {
      return Failed(absl::StrCat("map has no entry for key \"", key, "\""));
    }
    current = next;
  }
  return *current;
}

}  // namespace

struct Template::Scope {
  const json::value& dot;
  std::map<std::string, const json::value*> variables;
};

absl::StatusOr<Template> Template::Parse(absl::string_view text) {
  Template parsed;
  ASSIGN_OR_RETURN(parsed.nodes_, Parser(text).Run());
  return parsed;
}

absl::StatusOr<std::string> Template::Execute(const json::value& value) const {
  std::string out;
  RETURN_IF_ERROR(ExecuteAll(nodes_, {value, {{"$", &value}}}, out));
  return out;
}

absl::Status Template::ExecuteAll(const std::vector<Node>& nodes,
                                  const Scope& scope, std::string& out) {
  for (const Node& node : nodes) {
    if (node.kind == Node::Kind::kText) {
      out += node.text;
    } else if (node.kind == Node::Kind::kRange) {
      RETURN_IF_ERROR(ExecuteRange(node, scope, out));
    } else {
      ASSIGN_OR_RETURN(const json::value value, Evaluate(node.words, scope));
      if (node.kind == Node::Kind::kAction) {
        out += GoText(value);
      } else {
        RETURN_IF_ERROR(
            ExecuteAll(IsTrue(value) ? node.body : node.otherwise, scope, out));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status Template::ExecuteRange(const Node& node, const Scope& scope,
                                    std::string& out) {
  ASSIGN_OR_RETURN(const json::value list, Evaluate(node.words, scope));
  const auto once = [&](const json::value& key, const json::value& value) {
    Scope inner = {value, scope.variables};
    if (!node.key_variable.empty()) inner.variables[node.key_variable] = &key;
    if (!node.value_variable.empty()) {
      inner.variables[node.value_variable] = &value;
    }
    return ExecuteAll(node.body, inner, out);
  };
  if (list.is_array()) {
    int64_t index = 0;
    for (const json::value& value : list.get_array()) {
      RETURN_IF_ERROR(once(json::value(index++), value));
    }
  } else if (list.is_object()) {
    std::map<std::string, json::value> sorted;
    for (const auto& pair : list.get_object()) {
      sorted[std::string(pair.key())] = pair.value();
    }
    for (const auto& [key, value] : sorted) {
      RETURN_IF_ERROR(once(json::value(key), value));
    }
  } else if (!list.is_null()) {
    return Failed("range over a value that is no list");
  }
  return absl::OkStatus();
}

absl::StatusOr<json::value> Template::EvaluateWord(const std::string& word,
                                                   const Scope& scope) {
  if (word[0] == '"') return json::value(word.substr(1));
  if (word[0] == '.') return Walk(scope.dot, word);
  if (word[0] == '$') {
    const size_t end = std::min(word.find('.'), word.size());
    const auto found = scope.variables.find(word.substr(0, end));
    if (found == scope.variables.end()) {
      return Failed(absl::StrCat("undefined variable \"", word, "\""));
    }
    return Walk(*found->second, absl::string_view(word).substr(end));
  }
  int64_t number = 0;
  if (absl::SimpleAtoi(word, &number)) return json::value(number);
  return Failed(absl::StrCat("function \"", word, "\" not defined"));
}

absl::StatusOr<json::value> Template::Index(
    const std::vector<std::string>& words, const Scope& scope) {
  ASSIGN_OR_RETURN(json::value value, EvaluateWord(words[1], scope));
  for (size_t i = 2; i < words.size(); ++i) {
    ASSIGN_OR_RETURN(const json::value key, EvaluateWord(words[i], scope));
    json::value next;
    if (key.is_string() && value.is_object()) {
      next = Member(value, std::string(key.get_string()));
    } else if (key.is_int64() && value.is_array()) {
      const auto at = static_cast<size_t>(key.get_int64());
      if (at >= value.get_array().size()) return Failed("index out of range");
      next = value.get_array()[at];
    } else if (!value.is_null()) {
      return Failed("index of a value that has no such entries");
    }
    value = std::move(next);
  }
  return value;
}

absl::StatusOr<json::value> Template::Evaluate(
    const std::vector<std::string>& words, const Scope& scope) {
  const std::string& first = words[0];
  if (first == "println" && words.size() == 1) return json::value("\n");
  if (first == "index" && words.size() >= 2) return Index(words, scope);
  // {{.Label "x"}} of list rows: a method of one argument.
  if (first == ".Label" && words.size() == 2) {
    // The row of headers has no labels: the key is its own header.
    if (Member(scope.dot, "LabelMap").is_null()) {
      return EvaluateWord(words[1], scope);
    }
    return Index({"index", ".LabelMap", words[1]}, scope);
  }
  if (words.size() == 1) return EvaluateWord(first, scope);
  if (words.size() != 2) {
    return Failed(absl::StrCat("unsupported action \"", first, "\""));
  }
  ASSIGN_OR_RETURN(const json::value value, EvaluateWord(words[1], scope));
  if (first == "json") return json::value(CompactJson(value));
  if (first == "len") {
    ASSIGN_OR_RETURN(const int64_t length, Length(value));
    return json::value(length);
  }
  if (first == "upper") {
    return json::value(absl::AsciiStrToUpper(GoText(value)));
  }
  if (first == "lower") {
    return json::value(absl::AsciiStrToLower(GoText(value)));
  }
  if (first == "println") return json::value(GoText(value) + "\n");
  return Failed(absl::StrCat("function \"", first, "\" not defined"));
}

std::vector<std::string> Template::Fields() const {
  std::vector<std::string> fields;
  for (const Node& node : nodes_) {
    for (const std::string& word : node.words) {
      if (word.size() < 2 || word[0] != '.') continue;
      fields.push_back(word.substr(1, word.find('.', 1) - 1));
    }
  }
  return fields;
}

}  // namespace tug::cli
