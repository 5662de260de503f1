// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/glob.h"

#include <cstddef>
#include <optional>

namespace tug::gatewayd {
namespace {

// One element of a pattern that stands for one character.
struct Element {
  bool matches = false;
  size_t length = 0;  // In the pattern.
};

std::optional<Element> MatchClass(absl::string_view pattern, char c) {
  size_t at = 1;
  const bool negated = at < pattern.size() && pattern[at] == '^';
  if (negated) ++at;
  bool found = false;
  const size_t first = at;
  for (;;) {
    if (at >= pattern.size()) return std::nullopt;
    if (pattern[at] == ']' && at > first) break;
    if (pattern[at] == '\\' && ++at >= pattern.size()) return std::nullopt;
    const char low = pattern[at++];
    char high = low;
    if (at + 1 < pattern.size() && pattern[at] == '-' &&
        pattern[at + 1] != ']') {
      high = pattern[at + 1];
      at += 2;
    }
    found = found || (low <= c && c <= high);
  }
  return Element{found != negated, at + 1};
}

std::optional<Element> MatchOne(absl::string_view pattern, char c) {
  switch (pattern.front()) {
    case '?':
      return Element{c != '/', 1};
    case '[':
      return MatchClass(pattern, c);
    case '\\':
      if (pattern.size() < 2) return std::nullopt;
      return Element{pattern[1] == c, 2};
    default:
      return Element{pattern.front() == c, 1};
  }
}

}  // namespace

bool MatchGlob(absl::string_view pattern, absl::string_view text) {
  size_t p = 0;
  size_t t = 0;
  // Where to go on when the characters after the last star do not fit.
  std::optional<size_t> star;
  size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_text = t;
      continue;
    }
    if (p < pattern.size()) {
      const std::optional<Element> element =
          MatchOne(pattern.substr(p), text[t]);
      if (!element.has_value()) return false;
      if (element->matches) {
        p += element->length;
        ++t;
        continue;
      }
    }
    if (!star.has_value() || text[star_text] == '/') return false;
    p = *star;
    t = ++star_text;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace tug::gatewayd
