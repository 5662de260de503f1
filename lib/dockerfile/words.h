// SPDX-License-Identifier: Apache-2.0
//
// Words of a Dockerfile instruction, and what $ and quotes in them mean: the
// rules of BuildKit's shell lexer, of which each error text is kept.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::dockerfile {

// Longest text that a word may become. Variables can double it with each line.
inline constexpr size_t kMaxExpandedBytes = 1 << 20;

// Where variables come from: "NAME=value" entries, the first of a name counts.
using Environment = std::vector<std::string>;

// Splits at white space outside of quotes and escapes, which stay in the words.
std::vector<std::string> SplitQuotedWords(absl::string_view text, char escape);

// Undoes quotes and escapes of one word, and puts variables in: $name, ${name},
// ${name:-word}, ${name:+word}, ${name:?word} and the same without the colon,
// ${name#pattern}, ${name%pattern}, ${name/pattern/text}. INVALID_ARGUMENT
// `failed to process "...": why`.
absl::StatusOr<std::string> ExpandWord(absl::string_view word, char escape,
                                       const Environment& environment);

// The same for a text in which an unquoted variable may stand for several
// words ("EXPOSE $PORTS").
absl::StatusOr<std::vector<std::string>> ExpandWords(
    absl::string_view word, char escape, const Environment& environment);

// A string as Go prints it with %q.
std::string GoQuote(absl::string_view text);

}  // namespace tug::dockerfile
