// SPDX-License-Identifier: Apache-2.0
#include "lib/dockerfile/instruction.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "boost/json/parse.hpp"
#include "boost/json/value.hpp"
#include "lib/base/status_macros.h"
#include "lib/dockerfile/words.h"

namespace tug::dockerfile {
namespace {

namespace json = boost::json;

// Of "ONBUILD ONBUILD ...", which is refused later, but read first.
constexpr int kMaxTriggers = 8;

absl::Status Error(absl::string_view why) {
  return absl::InvalidArgumentError(why);
}

// "# name = value" at the top of the text; anything else ends the directives.
// True for a directive.
absl::StatusOr<bool> ReadDirective(absl::string_view line, char& escape) {
  if (!absl::ConsumePrefix(&line, "#")) return false;
  const size_t equals = line.find('=');
  if (equals == line.npos) return false;
  const absl::string_view name =
      absl::StripAsciiWhitespace(line.substr(0, equals));
  const absl::string_view value =
      absl::StripAsciiWhitespace(line.substr(equals + 1));
  if (name.empty() || value.empty()) return false;
  for (const char c : name) {
    if (!absl::ascii_isalnum(c)) return false;
  }
  if (!absl::EqualsIgnoreCase(name, "escape")) return true;
  if (value != "`" && value != "\\") {
    return Error(absl::StrCat("invalid escape token '", value,
                              "' does not match ` or \\"));
  }
  escape = value[0];
  return true;
}

// Takes an escape at the end of a line off: the next line belongs to it. An
// escaped escape is none.
bool TakeContinuation(absl::string_view& line, char escape) {
  const absl::string_view bare = absl::StripTrailingAsciiWhitespace(line);
  if (bare.empty() || bare.back() != escape) return false;
  if (bare.size() > 1 && bare[bare.size() - 2] == escape) return false;
  line = bare.substr(0, bare.size() - 1);
  return true;
}

// The words that begin with "--"; `text` becomes what follows.
std::vector<std::string> TakeFlags(absl::string_view& text) {
  std::vector<std::string> flags;
  while (true) {
    text = absl::StripLeadingAsciiWhitespace(text);
    if (!absl::StartsWith(text, "--")) return flags;
    std::string flag;
    char quote = 0;
    size_t i = 0;
    for (; i < text.size(); ++i) {
      char c = text[i];
      if (quote == 0 && absl::ascii_isspace(c)) break;
      if (c == quote) {
        quote = 0;
        continue;
      }
      if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
        continue;
      }
      if (c == '\\') {
        if (i + 1 == text.size()) continue;
        c = text[++i];
      }
      flag.push_back(c);
    }
    text = text.substr(i);
    if (flag == "--") return flags;  // The end of flags, not one.
    flags.push_back(std::move(flag));
  }
}

absl::Status CheckForm(const Instruction& instruction, char escape,
                       int triggers);

// What ONBUILD keeps for later must be an instruction already.
absl::Status CheckTrigger(const std::string& text, char escape, int triggers) {
  if (text.empty() || triggers >= kMaxTriggers) return absl::OkStatus();
  return CheckForm(SplitInstruction(text), escape, triggers + 1);
}

absl::Status CheckForm(const Instruction& instruction, char escape,
                       int triggers) {
  const std::string name = instruction.UpperName();
  absl::string_view text = instruction.arguments;
  if (name == "ENV" || name == "LABEL") {
    return ReadPairs(name, text, escape).status();
  }
  if (name == "ONBUILD") {
    return CheckTrigger(instruction.arguments, escape, triggers);
  }
  if (name == "HEALTHCHECK") text = SplitInstruction(text).arguments;
  for (const char* with_array : {"ADD", "CMD", "COPY", "ENTRYPOINT",
                                 "HEALTHCHECK", "RUN", "SHELL", "VOLUME"}) {
    if (name == with_array) return ReadArray(text).status();
  }
  return absl::OkStatus();
}

}  // namespace

std::string Instruction::UpperName() const {
  return absl::AsciiStrToUpper(name);
}

Instruction SplitInstruction(absl::string_view line) {
  line = absl::StripAsciiWhitespace(line);
  Instruction instruction;
  size_t end = 0;
  while (end < line.size() && !absl::ascii_isspace(line[end])) ++end;
  instruction.name = std::string(line.substr(0, end));
  absl::string_view rest = line.substr(end);
  instruction.flags = TakeFlags(rest);
  instruction.arguments = std::string(absl::StripAsciiWhitespace(rest));
  return instruction;
}

absl::StatusOr<Instructions> ParseInstructions(absl::string_view text) {
  if (text.size() > kMaxText) {
    return Error(absl::StrCat("more than ", kMaxText, " bytes of changes"));
  }
  Instructions parsed;
  bool at_top = true;
  bool continued = false;
  std::string joined;
  const auto finish = [&]() -> absl::Status {
    const std::string line = std::move(joined);
    joined.clear();
    if (absl::StripAsciiWhitespace(line).empty()) return absl::OkStatus();
    Instruction instruction = SplitInstruction(line);
    RETURN_IF_ERROR(CheckForm(instruction, parsed.escape, 0));
    parsed.list.push_back(std::move(instruction));
    return absl::OkStatus();
  };
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    absl::ConsumeSuffix(&line, "\r");
    const absl::string_view bare = absl::StripLeadingAsciiWhitespace(line);
    if (at_top) {
      ASSIGN_OR_RETURN(at_top, ReadDirective(bare, parsed.escape));
      if (at_top) continue;
    }
    // Neither ends an instruction that goes on.
    if (bare.empty() || bare.front() == '#') continue;
    if (!continued) line = bare;
    continued = TakeContinuation(line, parsed.escape);
    absl::StrAppend(&joined, line);
    if (!continued) RETURN_IF_ERROR(finish());
  }
  RETURN_IF_ERROR(finish());
  if (parsed.list.empty()) return Error("file with no instructions");
  return parsed;
}

absl::StatusOr<std::optional<std::vector<std::string>>> ReadArray(
    absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.empty() || text.front() != '[') return std::nullopt;
  boost::system::error_code error;
  const json::value value =
      json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !value.is_array()) return std::nullopt;
  std::vector<std::string> words;
  for (const json::value& element : value.get_array()) {
    if (!element.is_string()) {
      return Error(
          "when using JSON array syntax, arrays must be comprised of strings "
          "only");
    }
    words.emplace_back(element.get_string());
  }
  return words;
}

absl::StatusOr<Pairs> ReadPairs(absl::string_view name,
                                absl::string_view arguments, char escape) {
  const std::vector<std::string> words = SplitQuotedWords(arguments, escape);
  Pairs pairs;
  if (words.empty()) return pairs;
  if (!absl::StrContains(words[0], '=')) {
    size_t end = 0;
    while (end < arguments.size() && !absl::ascii_isspace(arguments[end])) {
      ++end;
    }
    if (end == arguments.size()) {
      return Error(absl::StrCat(name, " must have two arguments"));
    }
    pairs.emplace_back(
        arguments.substr(0, end),
        absl::StripLeadingAsciiWhitespace(arguments.substr(end)));
    return pairs;
  }
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    if (equals == word.npos) {
      return Error(absl::StrCat("Syntax error - can't find = in ",
                                GoQuote(word),
                                ". Must be of the form: name=value"));
    }
    pairs.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return pairs;
}

}  // namespace tug::dockerfile
