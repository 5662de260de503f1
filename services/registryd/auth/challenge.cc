// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/auth/challenge.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"

namespace tug::registryd {
namespace {

bool IsTokenByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::string_view("!#$%&'*+-.^_`|~").find(c) !=
             absl::string_view::npos;
}

bool IsToken68Byte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::string_view("-._~+/").find(c) != absl::string_view::npos;
}

// A cursor over the header's text.
class Scanner {
 public:
  explicit Scanner(absl::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  absl::string_view rest() const { return rest_; }
  void Reset(absl::string_view rest) { rest_ = rest; }

  bool SkipSpaces() {
    const size_t before = rest_.size();
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t')) {
      rest_.remove_prefix(1);
    }
    return rest_.size() != before;
  }

  bool Skip(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Empty elements of a list ("a,,b") are allowed by the grammar.
  void SkipCommas() {
    SkipSpaces();
    while (Skip(',')) SkipSpaces();
  }

  std::string Token() {
    size_t size = 0;
    while (size < rest_.size() && IsTokenByte(rest_[size])) ++size;
    std::string token(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return token;
  }

  // Unset if the closing quote is missing.
  std::optional<std::string> QuotedString() {
    if (!Skip('"')) return std::nullopt;
    std::string value;
    while (!rest_.empty()) {
      const char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == '"') return value;
      if (c == '\\' && !rest_.empty()) {
        value.push_back(rest_[0]);
        rest_.remove_prefix(1);
      } else {
        value.push_back(c);
      }
    }
    return std::nullopt;
  }

  // Skips a token68 ("Negotiate YWJj=") if one stands here alone.
  void SkipToken68() {
    size_t size = 0;
    while (size < rest_.size() && IsToken68Byte(rest_[size])) ++size;
    if (size == 0) return;
    while (size < rest_.size() && rest_[size] == '=') ++size;
    absl::string_view after =
        absl::StripLeadingAsciiWhitespace(rest_.substr(size));
    if (after.empty() || after[0] == ',') rest_ = after;
  }

 private:
  absl::string_view rest_;
};

absl::Status Malformed(absl::string_view rest) {
  return absl::InvalidArgumentError(absl::StrCat(
      "malformed WWW-Authenticate at \"", rest.substr(0, 40), "\""));
}

// Reads one "name = value". False, with the scanner where it was, if a new
// scheme (or the end) stands there.
absl::StatusOr<bool> ReadParameter(Scanner& scanner, Challenge& challenge) {
  const absl::string_view start = scanner.rest();
  const std::string name = absl::AsciiStrToLower(scanner.Token());
  scanner.SkipSpaces();
  if (name.empty() || !scanner.Skip('=')) {
    scanner.Reset(start);
    return false;
  }
  scanner.SkipSpaces();
  if (!scanner.rest().empty() && scanner.rest()[0] == '"') {
    const std::optional<std::string> value = scanner.QuotedString();
    if (!value.has_value()) return Malformed(start);
    challenge.parameters.emplace(name, *value);
  } else {
    challenge.parameters.emplace(name, scanner.Token());
  }
  if (challenge.parameters.size() > kMaxChallengeParameters) {
    return absl::InvalidArgumentError("too many challenge parameters");
  }
  scanner.SkipSpaces();
  if (!scanner.done() && scanner.rest()[0] != ',') {
    return Malformed(scanner.rest());
  }
  return true;
}

absl::StatusOr<Challenge> ReadChallenge(Scanner& scanner) {
  Challenge challenge;
  const absl::string_view start = scanner.rest();
  challenge.scheme = absl::AsciiStrToLower(scanner.Token());
  if (challenge.scheme.empty()) return Malformed(start);
  if (!scanner.SkipSpaces() && !scanner.done() && scanner.rest()[0] != ',') {
    return Malformed(start);
  }
  scanner.SkipToken68();
  while (!scanner.done()) {
    ASSIGN_OR_RETURN(const bool read, ReadParameter(scanner, challenge));
    if (!read) break;
    scanner.SkipCommas();
  }
  return challenge;
}

}  // namespace

absl::StatusOr<std::vector<Challenge>> ParseChallenges(
    absl::string_view header) {
  if (header.size() > kMaxChallengeBytes) {
    return absl::InvalidArgumentError("WWW-Authenticate is too long");
  }
  std::vector<Challenge> challenges;
  Scanner scanner(header);
  scanner.SkipCommas();
  while (!scanner.done()) {
    if (challenges.size() == kMaxChallenges) {
      return absl::InvalidArgumentError("too many challenges");
    }
    ASSIGN_OR_RETURN(Challenge challenge, ReadChallenge(scanner));
    challenges.push_back(std::move(challenge));
    scanner.SkipCommas();
  }
  return challenges;
}

}  // namespace tug::registryd
