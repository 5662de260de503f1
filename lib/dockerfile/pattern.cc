// SPDX-License-Identifier: Apache-2.0
#include "lib/dockerfile/pattern.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"

namespace tug::dockerfile {
namespace {

// Work of one match is pattern times value; both come from strangers.
constexpr size_t kMaxWork = size_t{1} << 24;

struct Element {
  enum Kind { kByte, kAnyByte, kAnything } kind;
  char byte = 0;
};
using Pattern = std::vector<Element>;

absl::StatusOr<Pattern> Compile(absl::string_view text) {
  Pattern pattern;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '*') {
      pattern.push_back({Element::kAnything});
      continue;
    }
    if (c == '?') {
      pattern.push_back({Element::kAnyByte});
      continue;
    }
    if (c == '\\' && i + 1 < text.size()) {
      c = text[++i];
      if (c != '*' && c != '?' && c != '\\' && c != '}' && c != '/') {
        return absl::InvalidArgumentError(
            absl::StrCat("invalid escape '\\", absl::string_view(&c, 1), "'"));
      }
    }
    pattern.push_back({Element::kByte, c});
  }
  return pattern;
}

// How many bytes at the beginning of `value` fit: the fewest, or the most. All
// positions that the pattern can have reached are followed at once, so that no
// number of stars makes it slower.
std::optional<size_t> Match(const Pattern& pattern, absl::string_view value,
                            bool longest) {
  std::vector<bool> at(pattern.size() + 1, false);
  const auto enter = [&](std::vector<bool>& states) {
    for (size_t i = 0; i < pattern.size(); ++i) {
      if (states[i] && pattern[i].kind == Element::kAnything) {
        states[i + 1] = true;
      }
    }
  };
  at[0] = true;
  enter(at);
  std::optional<size_t> found;
  for (size_t used = 0;; ++used) {
    if (at.back()) {
      found = used;
      if (!longest) return found;
    }
    if (used == value.size()) return found;
    std::vector<bool> next(pattern.size() + 1, false);
    bool alive = false;
    for (size_t i = 0; i < pattern.size(); ++i) {
      if (!at[i]) continue;
      const Element& element = pattern[i];
      if (element.kind == Element::kByte && element.byte != value[used]) {
        continue;
      }
      next[element.kind == Element::kAnything ? i : i + 1] = true;
      alive = true;
    }
    if (!alive) return found;
    at = std::move(next);
    enter(at);
  }
}

absl::Status CheckWork(const Pattern& pattern, absl::string_view value,
                       size_t matches) {
  const size_t once = (pattern.size() + 1) * (value.size() + 1);
  if (once <= kMaxWork && once * matches <= kMaxWork) return absl::OkStatus();
  return absl::InvalidArgumentError("the pattern is too long for the value");
}

}  // namespace

absl::StatusOr<std::string> TrimPrefix(absl::string_view value,
                                       absl::string_view pattern,
                                       bool longest) {
  ASSIGN_OR_RETURN(const Pattern compiled, Compile(pattern));
  RETURN_IF_ERROR(CheckWork(compiled, value, 1));
  const size_t size = Match(compiled, value, longest).value_or(0);
  return std::string(value.substr(size));
}

absl::StatusOr<std::string> TrimSuffix(absl::string_view value,
                                       absl::string_view pattern,
                                       bool longest) {
  ASSIGN_OR_RETURN(Pattern compiled, Compile(pattern));
  RETURN_IF_ERROR(CheckWork(compiled, value, 1));
  // A prefix, seen from the end.
  std::reverse(compiled.begin(), compiled.end());
  const std::string reversed(value.rbegin(), value.rend());
  const size_t size = Match(compiled, reversed, longest).value_or(0);
  return std::string(value.substr(0, value.size() - size));
}

absl::StatusOr<std::string> Replace(absl::string_view value,
                                    absl::string_view pattern,
                                    absl::string_view replacement, bool all,
                                    size_t limit) {
  ASSIGN_OR_RETURN(const Pattern compiled, Compile(pattern));
  RETURN_IF_ERROR(CheckWork(compiled, value, value.size() + 1));
  std::string result;
  bool done = false;
  size_t at = 0;
  while (at <= value.size()) {
    const std::optional<size_t> size =
        done ? std::nullopt
             : Match(compiled, value.substr(at), /*longest=*/true);
    if (size.has_value()) {
      result.append(replacement.data(), replacement.size());
      done = !all;
    }
    if (result.size() > limit) {
      return absl::ResourceExhaustedError("the result is too long");
    }
    if (size.value_or(0) > 0) {
      at += *size;
      continue;
    }
    if (at < value.size()) result.push_back(value[at]);
    ++at;
  }
  return result;
}

}  // namespace tug::dockerfile
