// SPDX-License-Identifier: Apache-2.0
#include "cli/flags/flag_set.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

absl::Status Invalid(std::string text) {
  return absl::InvalidArgumentError(std::move(text));
}

// The words that Go's strconv.ParseBool takes.
std::optional<bool> ParseBool(absl::string_view text) {
  for (const char* word : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == word) return true;
  }
  for (const char* word : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == word) return false;
  }
  return std::nullopt;
}

}  // namespace

void FlagSet::Add(char letter, const char* name, const char* type,
                  const char* help,
                  std::function<absl::Status(const std::string&)> set) {
  flags_.push_back({letter, name, type, help, std::move(set)});
}

void FlagSet::Bool(char letter, const char* name, bool* target,
                   const char* help) {
  Add(letter, name, "", help, [target](const std::string& value) {
    const std::optional<bool> parsed = ParseBool(value);
    if (!parsed.has_value()) return Invalid("invalid syntax");
    *target = *parsed;
    return absl::OkStatus();
  });
}

void FlagSet::String(char letter, const char* name, std::string* target,
                     const char* help) {
  Add(letter, name, "string", help, [target](const std::string& value) {
    *target = value;
    return absl::OkStatus();
  });
}

void FlagSet::Optional(char letter, const char* name,
                       std::optional<std::string>* target, const char* help) {
  Add(letter, name, "string", help, [target](const std::string& value) {
    *target = value;
    return absl::OkStatus();
  });
}

void FlagSet::List(char letter, const char* name,
                   std::vector<std::string>* target, const char* help) {
  Add(letter, name, "list", help, [target](const std::string& value) {
    target->push_back(value);
    return absl::OkStatus();
  });
}

void FlagSet::Int(char letter, const char* name, std::optional<int64_t>* target,
                  const char* help) {
  Add(letter, name, "int", help, [target](const std::string& value) {
    int64_t number = 0;
    if (!absl::SimpleAtoi(value, &number)) {
      return Invalid(absl::StrCat("parsing \"", value, "\": invalid syntax"));
    }
    *target = number;
    return absl::OkStatus();
  });
}

void FlagSet::Alias(const char* alias, const char* name) {
  Flag copy = *Find(name);
  copy.name = alias;
  copy.letter = 0;
  copy.help = "";  // Not listed.
  flags_.push_back(std::move(copy));
}

const FlagSet::Flag* FlagSet::Find(absl::string_view name) const {
  for (const Flag& flag : flags_) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

const FlagSet::Flag* FlagSet::Find(char letter) const {
  for (const Flag& flag : flags_) {
    if (flag.letter != 0 && flag.letter == letter) return &flag;
  }
  return nullptr;
}

absl::Status FlagSet::Set(const Flag& flag, const std::string& value) {
  const absl::Status status = flag.set(value);
  if (status.ok()) return status;
  const std::string shown =
      flag.letter == 0
          ? absl::StrCat("--", flag.name)
          : absl::StrCat("-", std::string(1, flag.letter), ", --", flag.name);
  return Invalid(absl::StrCat("invalid argument \"", value, "\" for \"", shown,
                              "\" flag: ", status.message()));
}

absl::Status FlagSet::ParseLong(const std::vector<std::string>& words,
                                size_t& at) {
  const std::string body = words[at].substr(2);
  const size_t equals = body.find('=');
  const std::string name = body.substr(0, equals);
  const Flag* flag = Find(name);
  if (flag == nullptr) {
    if (name == "help") {
      help_wanted_ = true;
      return absl::OkStatus();
    }
    return Invalid(absl::StrCat("unknown flag: --", name));
  }
  if (equals != std::string::npos) return Set(*flag, body.substr(equals + 1));
  if (flag->is_switch()) return Set(*flag, "true");
  if (at + 1 >= words.size()) {
    return Invalid(absl::StrCat("flag needs an argument: --", name));
  }
  return Set(*flag, words[++at]);
}

absl::Status FlagSet::ParseLetters(const std::vector<std::string>& words,
                                   size_t& at) {
  const std::string& word = words[at];
  for (size_t i = 1; i < word.size(); ++i) {
    const Flag* flag = Find(word[i]);
    if (flag == nullptr) {
      return Invalid(absl::StrCat("unknown shorthand flag: '",
                                  word.substr(i, 1), "' in -", word.substr(i)));
    }
    if (flag->is_switch()) {
      if (i + 1 < word.size() && word[i + 1] == '=') {
        return Set(*flag, word.substr(i + 2));
      }
      RETURN_IF_ERROR(Set(*flag, "true"));
      continue;
    }
    if (i + 1 < word.size()) {
      return Set(*flag, word.substr(word[i + 1] == '=' ? i + 2 : i + 1));
    }
    if (at + 1 >= words.size()) {
      return Invalid(absl::StrCat("flag needs an argument: '",
                                  word.substr(i, 1), "' in ", word));
    }
    return Set(*flag, words[++at]);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> FlagSet::Parse(
    const std::vector<std::string>& words, bool stop_at_first) {
  std::vector<std::string> rest;
  for (size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "--") {
      rest.insert(rest.end(), words.begin() + static_cast<long>(at) + 1,
                  words.end());
      break;
    }
    if (word.size() > 2 && word.compare(0, 2, "--") == 0) {
      RETURN_IF_ERROR(ParseLong(words, at));
    } else if (word.size() > 1 && word[0] == '-') {
      RETURN_IF_ERROR(ParseLetters(words, at));
    } else if (stop_at_first) {
      rest.insert(rest.end(), words.begin() + static_cast<long>(at),
                  words.end());
      break;
    } else {
      rest.push_back(word);
    }
    if (help_wanted_) break;
  }
  return rest;
}

std::string FlagSet::Describe() const {
  std::vector<const Flag*> shown;
  for (const Flag& flag : flags_) {
    if (*flag.help != '\0') shown.push_back(&flag);
  }
  std::sort(shown.begin(), shown.end(),
            [](const Flag* a, const Flag* b) { return a->name < b->name; });
  size_t width = 0;
  std::vector<std::string> left;
  for (const Flag* flag : shown) {
    left.push_back(absl::StrCat(
        "  ",
        flag->letter == 0
            ? "    "
            : absl::StrCat("-", std::string(1, flag->letter), ", "),
        "--", flag->name, flag->is_switch() ? "" : " ", flag->type));
    width = std::max(width, left.back().size());
  }
  std::string text;
  for (size_t i = 0; i < shown.size(); ++i) {
    left[i].resize(width + 3, ' ');
    absl::StrAppend(&text, left[i], shown[i]->help, "\n");
  }
  return text;
}

}  // namespace tug::cli
