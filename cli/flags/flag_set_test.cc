// SPDX-License-Identifier: Apache-2.0
#include "cli/flags/flag_set.h"

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace tug::cli {
namespace {

struct Values {
  bool interactive = false;
  bool tty = false;
  bool remove = false;
  std::string name;
  std::vector<std::string> env;
  std::optional<int64_t> last;
};

struct ParseCase {
  const char* name;
  std::vector<std::string> words;
  const char* expected;  // Rest joined by " ", then values; or the error.
};

std::string Show(const std::vector<std::string>& rest, const Values& v) {
  std::string text = absl::StrJoin(rest, " ") + "|";
  if (v.interactive) text += "i";
  if (v.tty) text += "t";
  if (v.remove) text += "r";
  text += "|" + v.name + "|" + absl::StrJoin(v.env, ",") + "|";
  if (v.last.has_value()) text += std::to_string(*v.last);
  return text;
}

class FlagSetTest : public testing::TestWithParam<ParseCase> {};

TEST_P(FlagSetTest, ParsesAsUsersExpect) {
  Values v;
  FlagSet flags;
  flags.Bool('i', "interactive", &v.interactive, "x");
  flags.Bool('t', "tty", &v.tty, "x");
  flags.Bool(0, "rm", &v.remove, "x");
  flags.String(0, "name", &v.name, "x");
  flags.List('e', "env", &v.env, "x");
  flags.Int('n', "last", &v.last, "x");
  const auto rest = flags.Parse(GetParam().words, true);
  EXPECT_EQ(rest.ok() ? Show(*rest, v) : std::string(rest.status().message()),
            GetParam().expected);
}

const ParseCase kCases[] = {
    {"Grouped", {"-it", "img", "-x", "--y"}, "img -x --y|it|||"},
    {"ValueForms",
     {"--name=a", "-e", "A=1", "-eB=2", "-e=C=3", "--env", "D"},
     "||a|A=1,B=2,C=3,D|"},
    {"GroupedWithValue", {"-ite", "A"}, "|it||A|"},
    {"SwitchOff", {"--rm=false", "-i=true"}, "|i|||"},
    {"DoubleDash", {"-i", "--", "-t"}, "-t|i|||"},
    {"DashIsAWord", {"-"}, "-||||"},
    {"Number", {"-n", "-1"}, "||||-1"},
    {"UnknownLong", {"--nope"}, "unknown flag: --nope"},
    {"UnknownLetter", {"-ix"}, "unknown shorthand flag: 'x' in -x"},
    {"MissingLong", {"--name"}, "flag needs an argument: --name"},
    {"MissingLetter", {"-ie"}, "flag needs an argument: 'e' in -ie"},
    {"BadNumber",
     {"-n", "x"},
     "invalid argument \"x\" for \"-n, --last\" flag: parsing \"x\": invalid "
     "syntax"},
    {"BadSwitch",
     {"--rm=maybe"},
     "invalid argument \"maybe\" for \"--rm\" flag: invalid syntax"},
};
INSTANTIATE_TEST_SUITE_P(All, FlagSetTest, testing::ValuesIn(kCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(FlagSetTest, FlagsMayFollowWordsWhereAsked) {
  bool all = false;
  FlagSet flags;
  flags.Bool('a', "all", &all, "x");
  const auto rest = flags.Parse({"x", "-a", "y"}, false);
  ASSERT_TRUE(rest.ok());
  EXPECT_EQ(absl::StrJoin(*rest, " "), "x y");
  EXPECT_TRUE(all);
}

}  // namespace
}  // namespace tug::cli
