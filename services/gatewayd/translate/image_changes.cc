// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/image_changes.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "boost/json/parse.hpp"
#include "boost/json/value.hpp"
#include "lib/base/status_macros.h"
#include "services/gatewayd/translate/json_codec.h"
#include "services/gatewayd/translate/network_text.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using image::v1::ImageConfig;

absl::Status Bad(absl::string_view instruction, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("invalid change ", instruction, ": ", why));
}

// Words, with quotes and backslashes undone.
absl::StatusOr<std::vector<std::string>> SplitWords(absl::string_view text) {
  std::vector<std::string> words;
  std::optional<std::string> word;
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == 0 && absl::ascii_isspace(c)) {
      if (word.has_value()) words.push_back(*std::move(word));
      word.reset();
      continue;
    }
    if (!word.has_value()) word.emplace();
    if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
      word->push_back(text[++i]);
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else {
      word->push_back(c);
    }
  }
  if (quote != 0) return absl::InvalidArgumentError("unterminated quote");
  if (word.has_value()) words.push_back(*std::move(word));
  return words;
}

// The elements of a JSON array of strings; nullopt for anything else.
std::optional<std::vector<std::string>> ReadArray(absl::string_view text) {
  if (text.empty() || text.front() != '[') return std::nullopt;
  boost::system::error_code error;
  const json::value value = json::parse(ToJsonView(text), error);
  if (error || !value.is_array()) return std::nullopt;
  std::vector<std::string> words;
  for (const json::value& element : value.get_array()) {
    if (!element.is_string()) return std::nullopt;
    words.emplace_back(element.get_string());
  }
  return words;
}

// The array form, or the shell that runs the text.
void SetCommand(absl::string_view text, type::v1::StringList& command) {
  const std::vector<std::string> words = ReadArray(text).value_or(
      std::vector<std::string>{"/bin/sh", "-c", std::string(text)});
  command.mutable_values()->Assign(words.begin(), words.end());
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

// "k=v k2=v2", or the old "k v".
absl::StatusOr<Pairs> ReadPairs(absl::string_view text) {
  const size_t equals = text.find('=');
  const size_t space = text.find_first_of(" \t");
  Pairs pairs;
  if (equals == text.npos || space < equals) {
    if (space == text.npos) {
      return absl::InvalidArgumentError("needs a name and a value");
    }
    pairs.emplace_back(text.substr(0, space),
                       absl::StripLeadingAsciiWhitespace(text.substr(space)));
    return pairs;
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> words, SplitWords(text));
  for (const std::string& word : words) {
    const size_t at = word.find('=');
    if (at == word.npos || at == 0) {
      return absl::InvalidArgumentError("needs name=value");
    }
    pairs.emplace_back(word.substr(0, at), word.substr(at + 1));
  }
  return pairs;
}

void SetEnv(const std::string& name, const std::string& value,
            ImageConfig& config) {
  const std::string entry = absl::StrCat(name, "=", value);
  for (std::string& existing : *config.mutable_env()) {
    if (absl::StartsWith(existing, absl::StrCat(name, "="))) {
      existing = entry;
      return;
    }
  }
  config.add_env(entry);
}

void AddUnique(const std::string& value,
               google::protobuf::RepeatedPtrField<std::string>& values) {
  if (std::find(values.begin(), values.end(), value) == values.end()) {
    *values.Add() = value;
  }
}

absl::Status AddVolumes(absl::string_view text, ImageConfig& config) {
  std::vector<std::string> paths;
  if (auto array = ReadArray(text)) {
    paths = *std::move(array);
  } else {
    ASSIGN_OR_RETURN(paths, SplitWords(text));
  }
  for (const std::string& path : paths) {
    AddUnique(path, *config.mutable_volumes());
  }
  return absl::OkStatus();
}

absl::Status AddPorts(absl::string_view text, ImageConfig& config) {
  ASSIGN_OR_RETURN(const std::vector<std::string> words, SplitWords(text));
  for (const std::string& word : words) {
    ASSIGN_OR_RETURN(const std::string port, NormalizePort(word));
    AddUnique(port, *config.mutable_exposed_ports());
  }
  return absl::OkStatus();
}

absl::Status ApplyPairs(absl::string_view instruction, absl::string_view text,
                        ImageConfig& config) {
  ASSIGN_OR_RETURN(const Pairs pairs, ReadPairs(text));
  for (const auto& [name, value] : pairs) {
    if (instruction == "ENV") {
      SetEnv(name, value, config);
    } else {
      (*config.mutable_labels())[name] = value;
    }
  }
  return absl::OkStatus();
}

absl::Status Apply(absl::string_view instruction, absl::string_view text,
                   ImageConfig& config) {
  if (instruction == "CMD") {
    SetCommand(text, *config.mutable_cmd());
  } else if (instruction == "ENTRYPOINT") {
    SetCommand(text, *config.mutable_entrypoint());
  } else if (instruction == "ENV" || instruction == "LABEL") {
    return ApplyPairs(instruction, text, config);
  } else if (instruction == "EXPOSE") {
    return AddPorts(text, config);
  } else if (instruction == "VOLUME") {
    return AddVolumes(text, config);
  } else if (instruction == "USER") {
    config.set_user(std::string(text));
  } else if (instruction == "WORKDIR") {
    config.set_working_dir(std::string(text));
  } else if (instruction == "STOPSIGNAL") {
    config.set_stop_signal(std::string(text));
  } else if (instruction == "ONBUILD") {
    config.add_on_build(std::string(text));
  } else {
    return absl::InvalidArgumentError(
        "is not a valid change instruction; use CMD, ENTRYPOINT, ENV, EXPOSE, "
        "LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME or WORKDIR");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ApplyImageChanges(absl::string_view changes, ImageConfig& config) {
  if (changes.size() > kMaxImageChanges) return Bad("list", "is too long");
  for (absl::string_view line : absl::StrSplit(changes, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line.front() == '#') continue;
    const size_t space = line.find_first_of(" \t");
    const std::string instruction =
        absl::AsciiStrToUpper(line.substr(0, space));
    const absl::string_view text =
        space == line.npos ? absl::string_view()
                           : absl::StripAsciiWhitespace(line.substr(space));
    if (text.empty()) return Bad(instruction, "has no argument");
    const absl::Status applied = Apply(instruction, text, config);
    if (!applied.ok()) return Bad(instruction, applied.message());
  }
  return absl::OkStatus();
}

}  // namespace tug::gatewayd
