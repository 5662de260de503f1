// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/server/json_syntax.h"

#include <cstddef>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace tug::gatewayd {
namespace {

// A byte in quotes, as the decoder shows it.
std::string Quoted(char c) {
  if (c == '\'') return "'\\''";
  if (c == '"') return "'\"'";
  const auto byte = static_cast<unsigned char>(c);
  if (byte == '\n') return "'\\n'";
  if (byte == '\t') return "'\\t'";
  if (byte == '\r') return "'\\r'";
  if (byte < 0x20 || byte == 0x7f) {
    return absl::StrCat("'\\x", absl::Hex(byte, absl::kZeroPad2), "'");
  }
  if (byte < 0x80) return absl::StrCat("'", std::string(1, c), "'");
  // The byte as a character of Latin-1.
  const char utf8[] = {static_cast<char>(0xc0 | (byte >> 6)),
                       static_cast<char>(0x80 | (byte & 0x3f))};
  return absl::StrCat("'", absl::string_view(utf8, 2), "'");
}

// Walks over one value; `error` is set at the first byte that does not fit.
class Scanner {
 public:
  explicit Scanner(absl::string_view text) : text_(text) {}

  std::string Run() {
    SkipSpace();
    if (AtEnd()) return "EOF";
    do {
      Step();
    } while (error_.empty() && (!open_.empty() || expects_value_));
    return error_;
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return text_[at_]; }

  void SkipSpace() {
    while (!AtEnd() && (Peek() == ' ' || Peek() == '\t' || Peek() == '\n' ||
                        Peek() == '\r')) {
      ++at_;
    }
  }

  void Fail(absl::string_view context) {
    error_ = AtEnd() ? "unexpected EOF"
                     : absl::StrCat("invalid character ", Quoted(Peek()), " ",
                                    context);
  }

  // One value or its beginning, or what stands between values.
  void Step() {
    SkipSpace();
    if (expects_value_) {
      Value();
    } else {
      Between();
    }
  }

  void Value() {
    expects_value_ = false;
    if (AtEnd()) return Fail("");
    const char c = Peek();
    if (c == '{' || c == '[') return Open(c);
    if (c == '"') return String();
    if (c == '-' || absl::ascii_isdigit(c)) return Number();
    if (c == 't') return Literal("true");
    if (c == 'f') return Literal("false");
    if (c == 'n') return Literal("null");
    Fail("looking for beginning of value");
  }

  void Open(char c) {
    ++at_;
    SkipSpace();
    if (!AtEnd() && Peek() == (c == '{' ? '}' : ']')) {
      ++at_;
      return;
    }
    open_.push_back(c);
    if (c == '{') {
      Key();
    } else {
      expects_value_ = true;
    }
  }

  void Key() {
    SkipSpace();
    if (AtEnd() || Peek() != '"') {
      return Fail("looking for beginning of object key string");
    }
    String();
    if (!error_.empty()) return;
    SkipSpace();
    if (AtEnd() || Peek() != ':') return Fail("after object key");
    ++at_;
    expects_value_ = true;
  }

  void Between() {
    const bool object = open_.back() == '{';
    if (!AtEnd() && Peek() == (object ? '}' : ']')) {
      ++at_;
      open_.pop_back();
      return;
    }
    if (AtEnd() || Peek() != ',') {
      return Fail(object ? "after object key:value pair"
                         : "after array element");
    }
    ++at_;
    if (object) {
      Key();
    } else {
      expects_value_ = true;
    }
  }

  void String() {
    for (++at_; !AtEnd(); ++at_) {
      const char c = Peek();
      if (c == '"') {
        ++at_;
        return;
      }
      if (static_cast<unsigned char>(c) < 0x20)
        return Fail("in string literal");
      if (c == '\\' && !Escape()) return;
    }
    Fail("");
  }

  // Leaves the position at the escape's last character.
  bool Escape() {
    ++at_;
    if (AtEnd() || absl::string_view("\"\\/bfnrtu").find(Peek()) ==
                       absl::string_view::npos) {
      Fail("in string escape code");
      return false;
    }
    if (Peek() != 'u') return true;
    for (int i = 0; i < 4; ++i) {
      ++at_;
      if (AtEnd() || !absl::ascii_isxdigit(Peek())) {
        Fail("in \\u hexadecimal character escape");
        return false;
      }
    }
    return true;
  }

  bool Digits(absl::string_view context) {
    if (AtEnd() || !absl::ascii_isdigit(Peek())) {
      Fail(context);
      return false;
    }
    while (!AtEnd() && absl::ascii_isdigit(Peek())) ++at_;
    return true;
  }

  void Number() {
    if (Peek() == '-') ++at_;
    if (!AtEnd() && Peek() == '0') {
      ++at_;
    } else if (!Digits("in numeric literal")) {
      return;
    }
    if (!AtEnd() && Peek() == '.') {
      ++at_;
      if (!Digits("after decimal point in numeric literal")) return;
    }
    if (AtEnd() || absl::ascii_tolower(Peek()) != 'e') return;
    ++at_;
    if (!AtEnd() && (Peek() == '+' || Peek() == '-')) ++at_;
    Digits("in exponent of numeric literal");
  }

  void Literal(absl::string_view word) {
    for (const char c : word) {
      if (AtEnd() || Peek() != c) {
        return Fail(
            absl::StrCat("in literal ", word, " (expecting ", Quoted(c), ")"));
      }
      ++at_;
    }
  }

  const absl::string_view text_;
  size_t at_ = 0;
  // Brackets that are open.
  std::vector<char> open_;
  bool expects_value_ = true;
  std::string error_;
};

}  // namespace

std::string ExplainJsonSyntax(absl::string_view text) {
  return Scanner(text).Run();
}

}  // namespace tug::gatewayd
