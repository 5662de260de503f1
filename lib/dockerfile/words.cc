// SPDX-License-Identifier: Apache-2.0
#include "lib/dockerfile/words.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/dockerfile/pattern.h"

namespace tug::dockerfile {
namespace {

// Of "${a:-${b:-...}}".
constexpr int kMaxNesting = 64;

absl::Status Error(absl::string_view why) {
  return absl::InvalidArgumentError(why);
}

absl::Status Unsupported(absl::string_view modifier) {
  return Error(
      absl::StrCat("unsupported modifier (", modifier, ") in substitution"));
}

// The words that a text becomes: characters of variables split at white space,
// those of the text itself, too, quoted ones not.
class WordList {
 public:
  void AddPlain(char c) {
    if (absl::ascii_isspace(c)) {
      End();
    } else {
      AddRaw(c);
    }
  }
  void AddRaw(char c) {
    word_.push_back(c);
    begun_ = true;
  }
  void AddQuoted(const std::string& text) {
    absl::StrAppend(&word_, text);
    begun_ = true;
  }
  void AddVariable(const std::string& text) {
    for (const char c : text) AddPlain(c);
  }
  std::vector<std::string> Take() {
    End();
    return std::move(words_);
  }

 private:
  void End() {
    if (begun_) words_.push_back(std::move(word_));
    word_.clear();
    begun_ = false;
  }

  std::vector<std::string> words_;
  std::string word_;
  bool begun_ = false;
};

class Lexer {
 public:
  Lexer(absl::string_view text, char escape, const Environment& environment)
      : text_(text), escape_(escape), environment_(environment) {}

  // Reads to the end, or up to and with `stop`. `raw`: escapes stay, for a
  // pattern.
  absl::StatusOr<std::string> Read(std::optional<char> stop, bool raw);

  std::vector<std::string> TakeWords() { return words_.Take(); }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return text_[at_]; }
  char Next() { return text_[at_++]; }
  bool Take(char c) {
    if (AtEnd() || Peek() != c) return false;
    ++at_;
    return true;
  }

  absl::StatusOr<std::string> SingleQuoted();
  absl::StatusOr<std::string> DoubleQuoted();
  absl::StatusOr<std::string> Dollar();
  absl::StatusOr<std::string> Braced();
  absl::StatusOr<std::string> Modified(const std::string& name, char operation,
                                       bool null_is_unset);
  absl::StatusOr<std::string> Replaced(const std::string& name);
  absl::StatusOr<std::string> ReadUpTo(char stop, bool raw,
                                       absl::string_view missing);
  std::string Name();
  std::optional<std::string> Value(absl::string_view name) const;

  absl::string_view text_;
  size_t at_ = 0;
  const char escape_;
  const Environment& environment_;
  WordList words_;
  int nesting_ = 0;
};

absl::StatusOr<std::string> Lexer::Read(std::optional<char> stop, bool raw) {
  std::string result;
  while (!AtEnd()) {
    if (result.size() > kMaxExpandedBytes) return Error("it is too long");
    const char c = Peek();
    if (stop.has_value() && c == *stop) {
      Next();
      return result;
    }
    if (c == '\'' || c == '"') {
      ASSIGN_OR_RETURN(const std::string quoted,
                       c == '"' ? DoubleQuoted() : SingleQuoted());
      absl::StrAppend(&result, quoted);
      words_.AddQuoted(quoted);
    } else if (c == '$') {
      ASSIGN_OR_RETURN(const std::string value, Dollar());
      absl::StrAppend(&result, value);
      words_.AddVariable(value);
    } else if (c == escape_) {
      Next();
      if (raw) result.push_back(c);
      if (AtEnd()) break;
      words_.AddRaw(Peek());
      result.push_back(Next());
    } else {
      words_.AddPlain(c);
      result.push_back(Next());
    }
  }
  if (!stop.has_value()) return result;
  return Error(
      absl::StrCat("unexpected end of statement while looking for matching ",
                   absl::string_view(&*stop, 1)));
}

absl::StatusOr<std::string> Lexer::SingleQuoted() {
  Next();
  std::string result;
  while (!AtEnd()) {
    const char c = Next();
    if (c == '\'') return result;
    result.push_back(c);
  }
  return Error(
      "unexpected end of statement while looking for matching single-quote");
}

absl::StatusOr<std::string> Lexer::DoubleQuoted() {
  Next();
  std::string result;
  while (!AtEnd()) {
    if (result.size() > kMaxExpandedBytes) return Error("it is too long");
    if (Peek() == '$') {
      ASSIGN_OR_RETURN(const std::string value, Dollar());
      absl::StrAppend(&result, value);
      continue;
    }
    char c = Next();
    if (c == '"') return result;
    if (c == escape_) {
      if (AtEnd()) continue;
      // Before anything else the escape stands for itself.
      if (Peek() == '"' || Peek() == '$' || Peek() == escape_) c = Next();
    }
    result.push_back(c);
  }
  return Error(
      "unexpected end of statement while looking for matching double-quote");
}

std::string Lexer::Name() {
  std::string name;
  while (!AtEnd()) {
    const char c = Peek();
    if (name.empty() && absl::ascii_isdigit(c)) {
      while (!AtEnd() && absl::ascii_isdigit(Peek())) name.push_back(Next());
      return name;
    }
    if (name.empty() && absl::StrContains("@*#?-$!", c)) {
      name.push_back(Next());
      return name;
    }
    const bool inner = absl::ascii_isalnum(c) || c == '_' ||
                       static_cast<unsigned char>(c) >= 0x80;
    if (!inner) break;
    name.push_back(Next());
  }
  return name;
}

std::optional<std::string> Lexer::Value(absl::string_view name) const {
  for (const std::string& entry : environment_) {
    const size_t equals = entry.find('=');
    if (absl::string_view(entry).substr(0, equals) != name) continue;
    return equals == entry.npos ? "" : entry.substr(equals + 1);
  }
  return std::nullopt;
}

absl::StatusOr<std::string> Lexer::Dollar() {
  if (++nesting_ > kMaxNesting) return Error("it is nested too deeply");
  Next();
  absl::StatusOr<std::string> value;
  if (Take('{')) {
    value = Braced();
  } else {
    const std::string name = Name();
    value = name.empty() ? "$" : Value(name).value_or("");
  }
  --nesting_;
  return value;
}

absl::StatusOr<std::string> Lexer::Braced() {
  if (AtEnd()) return Error("syntax error: missing '}'");
  if (absl::StrContains("{}:", Peek())) {
    return Error("syntax error: bad substitution");
  }
  const std::string name = Name();
  // What Go's scanner answers at the end.
  if (AtEnd()) return Unsupported("\xef\xbf\xbd");
  const char operation = Next();
  switch (operation) {
    case '}':
      return Value(name).value_or("");
    case '/':
      return Replaced(name);
    case ':': {
      if (AtEnd()) return Unsupported(":\xef\xbf\xbd");
      const char after = Next();
      if (absl::StrContains("+-?", after)) return Modified(name, after, true);
      return Unsupported(absl::StrCat(":", absl::string_view(&after, 1)));
    }
    case '+':
    case '-':
    case '?':
    case '#':
    case '%':
      return Modified(name, operation, false);
    default:
      return Unsupported(absl::string_view(&operation, 1));
  }
}

absl::StatusOr<std::string> Lexer::ReadUpTo(char stop, bool raw,
                                            absl::string_view missing) {
  // Inside of a substitution nothing is split yet.
  WordList outer = std::move(words_);
  words_ = WordList();
  absl::StatusOr<std::string> text = Read(stop, raw);
  words_ = std::move(outer);
  if (!text.ok() && AtEnd()) return Error(missing);
  return text;
}

absl::StatusOr<std::string> Lexer::Modified(const std::string& name,
                                            char operation,
                                            bool null_is_unset) {
  const bool pattern = operation == '#' || operation == '%';
  ASSIGN_OR_RETURN(std::string word,
                   ReadUpTo('}', pattern, "syntax error: missing '}'"));
  const std::optional<std::string> value = Value(name);
  const bool unset = !value.has_value() || (null_is_unset && value->empty());
  if (pattern) {
    const bool longest = !word.empty() && word[0] == operation;
    if (longest) word.erase(0, 1);
    return operation == '#' ? TrimPrefix(value.value_or(""), word, longest)
                            : TrimSuffix(value.value_or(""), word, longest);
  }
  if (operation == '-') return unset ? word : *value;
  if (operation == '+') return unset ? "" : word;
  if (!unset) return *value;
  if (word.empty()) {
    word = value.has_value() ? "is not allowed to be empty"
                             : "is not allowed to be unset";
  }
  return Error(absl::StrCat(name, ": ", word));
}

absl::StatusOr<std::string> Lexer::Replaced(const std::string& name) {
  const bool all = Take('/');
  ASSIGN_OR_RETURN(const std::string pattern,
                   ReadUpTo('/', true, "syntax error: missing '/' in ${}"));
  ASSIGN_OR_RETURN(const std::string replacement,
                   ReadUpTo('}', true, "syntax error: missing '}'"));
  return Replace(Value(name).value_or(""), pattern, replacement, all,
                 kMaxExpandedBytes);
}

absl::Status Failed(absl::string_view word, const absl::Status& status) {
  return absl::InvalidArgumentError(absl::StrCat(
      "failed to process ", GoQuote(word), ": ", status.message()));
}

}  // namespace

std::string GoQuote(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted.push_back('\\');
      quoted.push_back(c);
    } else if (c == '\n' || c == '\t' || c == '\r') {
      absl::StrAppend(&quoted, "\\", c == '\n' ? "n" : c == '\t' ? "t" : "r");
    } else if (absl::ascii_iscntrl(c)) {
      absl::StrAppend(&quoted, "\\x", absl::Hex(c, absl::kZeroPad2));
    } else {
      quoted.push_back(c);
    }
  }
  quoted.push_back('"');
  return quoted;
}

std::vector<std::string> SplitQuotedWords(absl::string_view text, char escape) {
  std::vector<std::string> words;
  std::string word;
  bool begun = false;
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == 0 && absl::ascii_isspace(c)) {
      if (begun) words.push_back(std::move(word));
      word.clear();
      begun = false;
      continue;
    }
    if (c == escape && quote != '\'') {
      if (i + 1 == text.size()) break;  // One at the end escapes nothing.
      begun = true;
      word.push_back(c);
      word.push_back(text[++i]);
      continue;
    }
    begun = true;
    if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == quote) {
      quote = 0;
    }
    word.push_back(c);
  }
  if (begun) words.push_back(std::move(word));
  return words;
}

absl::StatusOr<std::string> ExpandWord(absl::string_view word, char escape,
                                       const Environment& environment) {
  Lexer lexer(word, escape, environment);
  absl::StatusOr<std::string> expanded = lexer.Read(std::nullopt, false);
  if (!expanded.ok()) return Failed(word, expanded.status());
  if (expanded->size() > kMaxExpandedBytes) {
    return absl::InvalidArgumentError("a value is too long");
  }
  return expanded;
}

absl::StatusOr<std::vector<std::string>> ExpandWords(
    absl::string_view word, char escape, const Environment& environment) {
  Lexer lexer(word, escape, environment);
  const absl::Status read = lexer.Read(std::nullopt, false).status();
  if (!read.ok()) return Failed(word, read);
  return lexer.TakeWords();
}

}  // namespace tug::dockerfile
