// SPDX-License-Identifier: Apache-2.0
//
// The expected values are those of Docker 29.7 (issue 7, B13).
#include <string>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/dockerfile/instruction.h"
#include "lib/dockerfile/pattern.h"
#include "lib/dockerfile/words.h"
#include "lib/testing/status_matchers.h"

namespace tug::dockerfile {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Environment& Variables() {
  static const Environment& variables =
      *new Environment{"A=x",        "EMPTY=",    "P=/usr/local/bin",
                       "DOTS=a.b.c", "BRACE=a}b", "W=80 90"};
  return variables;
}

struct WordCase {
  const char* name;
  const char* word;
  const char* expanded;
  const char* error;  // Or null.
};

class ExpandWordTest : public testing::TestWithParam<WordCase> {};

TEST_P(ExpandWordTest, IsWhatDockerMakesOfIt) {
  const WordCase& c = GetParam();
  const auto expanded = ExpandWord(c.word, '\\', Variables());
  if (c.error != nullptr) {
    EXPECT_EQ(
        expanded.status().message(),
        absl::StrCat("failed to process ", GoQuote(c.word), ": ", c.error));
    return;
  }
  ASSERT_THAT(expanded, IsOk());
  EXPECT_EQ(*expanded, c.expanded);
}

constexpr WordCase kWordCases[] = {
    {"Plain", "a", "a", nullptr},
    {"Variable", "1$A/y", "1x/y", nullptr},
    {"Braces", "${A}y", "xy", nullptr},
    {"Unset", "[$NO]", "[]", nullptr},
    {"DollarAlone", "$", "$", nullptr},
    {"Special", "a$$b$1$@", "ab", nullptr},
    {"SingleQuotes", "'$A'\"b\"c", "$Abc", nullptr},
    {"DoubleQuotes", R"("$A \$A \n")", R"(x $A \n)", nullptr},
    {"Escape", R"(a\ b\nc\$A)", "a bnc$A", nullptr},
    {"Default", "${NO:-def}${A:-def}${EMPTY:-e}${EMPTY-f}", "defxe", nullptr},
    {"Alternative", "${A:+alt}${NO:+alt}${NO+q}", "alt", nullptr},
    {"Nested", "${NO:-${A}y}", "xy", nullptr},
    {"Required", "${A:?}", "x", nullptr},
    {"RequiredUnset", "${B?}", nullptr, "B: is not allowed to be unset"},
    {"RequiredEmpty", "${EMPTY:?}", nullptr,
     "EMPTY: is not allowed to be empty"},
    {"RequiredText", "${B:?err}", nullptr, "B: err"},
    {"Prefix", "${P#*/} ${P##*/}", "usr/local/bin bin", nullptr},
    {"Suffix", "${P%/*} [${P%%/*}]", "/usr/local []", nullptr},
    {"EscapedBrace", R"(${BRACE#a\}})", "b", nullptr},
    {"Replace", "${DOTS/./_} ${DOTS//./_} ${DOTS/?/z}", "a_b.c a_b_c z.b.c",
     nullptr},
    {"ReplaceBrackets", "${A/[a-z]/q}", "x", nullptr},
    {"ReplaceUnended", "${A/x}", nullptr, "syntax error: missing '/' in ${}"},
    {"Unended", "${B:-x", nullptr, "syntax error: missing '}'"},
    {"UnendedName", "${B", nullptr,
     "unsupported modifier (\xef\xbf\xbd) in substitution"},
    {"Empty", "${}", nullptr, "syntax error: bad substitution"},
    {"Modifier", "${B:z}", nullptr,
     "unsupported modifier (:z) in substitution"},
    {"ColonHash", "${A:#y}", nullptr,
     "unsupported modifier (:#) in substitution"},
    {"UnendedDouble", "\"x", nullptr,
     "unexpected end of statement while looking for matching double-quote"},
    {"UnendedSingle", "'x", nullptr,
     "unexpected end of statement while looking for matching single-quote"},
};
INSTANTIATE_TEST_SUITE_P(All, ExpandWordTest, testing::ValuesIn(kWordCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(ExpandWordsTest, VariablesMayStandForSeveralWords) {
  EXPECT_THAT(*ExpandWords("$W \"$W\" 1", '\\', Variables()),
              ElementsAre("80", "90", "80 90", "1"));
  EXPECT_THAT(*ExpandWords("$NO", '\\', Variables()), IsEmpty());
}

// What doubles with every variable ends.
TEST(ExpandWordTest, GrowthIsBounded) {
  const Environment large = {absl::StrCat("A=", std::string(60'000, 'x'))};
  std::string word;
  for (int i = 0; i < 100; ++i) word += "$A";
  EXPECT_FALSE(ExpandWord(word, '\\', large).ok());
  EXPECT_FALSE(ExpandWord("\"" + word + "\"", '\\', large).ok());
  EXPECT_FALSE(ExpandWord("${A//x/" + word + "}", '\\', large).ok());
  std::string nested = "x";
  for (int i = 0; i < 1'000; ++i) nested = "${A:+" + nested + "}";
  EXPECT_FALSE(ExpandWord(nested, '\\', large).ok());
}

TEST(PatternTest, ManyStarsAreNotSlow) {
  const std::string value(4'000, 'a');
  const std::string pattern =
      absl::StrReplaceAll(std::string(400, '*'), {{"*", "*a"}}) + "b";
  EXPECT_EQ(*TrimPrefix(value, pattern, true), value);
  EXPECT_FALSE(Replace(value, pattern, "", true, 1 << 20).ok());
}

std::string Show(const absl::StatusOr<Instructions>& parsed) {
  if (!parsed.ok()) return std::string(parsed.status().message());
  std::string shown;
  for (const Instruction& instruction : parsed->list) {
    absl::StrAppend(&shown, instruction.name, "(",
                    absl::StrJoin(instruction.flags, ","), ")[",
                    instruction.arguments, "]");
  }
  return shown;
}

struct TextCase {
  const char* name;
  const char* text;
  const char* shown;
};

class ParseInstructionsTest : public testing::TestWithParam<TextCase> {};

TEST_P(ParseInstructionsTest, IsWhatDockerReads) {
  EXPECT_EQ(Show(ParseInstructions(GetParam().text)), GetParam().shown);
}

constexpr TextCase kTextCases[] = {
    {"Two", "CMD a\r\nenv B=1", "CMD()[a]env()[B=1]"},
    {"Spaces", "  CMD\tx  y ", "CMD()[x  y]"},
    {"Comments", "ENV A=1\n# c\n\nENV B=2", "ENV()[A=1]ENV()[B=2]"},
    {"Continued", "CMD a \\\n b", "CMD()[a  b]"},
    {"ContinuedOverComments", "CMD a\\\n# c\n\nb", "CMD()[ab]"},
    {"ContinuedToTheEnd", "CMD a\\", "CMD()[a]"},
    {"EscapedEscape", "CMD a\\\\\nCMD b", "CMD()[a\\\\]CMD()[b]"},
    {"Escape", "# escape=`\nCMD a `\nb", "CMD()[a b]"},
    {"Syntax", "# syntax=foo\nCMD a", "CMD()[a]"},
    {"BadEscape", "# escape=x\nCMD a",
     "invalid escape token 'x' does not match ` or \\"},
    {"Nothing", "", "file with no instructions"},
    {"OnlyComments", "# comment\n  ", "file with no instructions"},
    {"Flags", "HEALTHCHECK --interval=\"5s\" --retries=3 CMD x --y",
     "HEALTHCHECK(--interval=5s,--retries=3)[CMD x --y]"},
    {"EndOfFlags", "CMD -- --x", "CMD()[--x]"},
    {"OldPair", "ENV A 1 2 3", "ENV()[A 1 2 3]"},
    {"NoPair", "ENV A", "ENV must have two arguments"},
    {"NoEquals", "ENV A=1 # c",
     "Syntax error - can't find = in \"#\". Must be of the form: name=value"},
    {"Numbers", "CMD [\"a\", 1]",
     "when using JSON array syntax, arrays must be comprised of strings only"},
    {"NoJson", "CMD [a]", "CMD()[[a]]"},
    {"Trigger", "ONBUILD ENV A", "ENV must have two arguments"},
    {"ProbeOfNumbers", "HEALTHCHECK CMD [1]",
     "when using JSON array syntax, arrays must be comprised of strings only"},
};
INSTANTIATE_TEST_SUITE_P(All, ParseInstructionsTest,
                         testing::ValuesIn(kTextCases), [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(ReadPairsTest, KeepsQuotesForTheExpansion) {
  const auto pairs = ReadPairs("LABEL", R"(a="b c" "d e"='f')", '\\');
  ASSERT_THAT(pairs, IsOk());
  EXPECT_THAT(*pairs, ElementsAre(testing::Pair("a", "\"b c\""),
                                  testing::Pair("\"d e\"", "'f'")));
}

}  // namespace
}  // namespace tug::dockerfile
