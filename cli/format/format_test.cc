// SPDX-License-Identifier: Apache-2.0
#include "cli/format/human.h"
#include "cli/format/json_text.h"
#include "cli/format/list_output.h"
#include "cli/format/table.h"
#include "cli/format/template.h"
#include "gtest/gtest.h"

namespace tug::cli {
namespace {

constexpr char kDocument[] = R"({
  "Name": "/web", "State": {"Running": true, "Pid": 42},
  "Env": ["A=1", "B=2"], "Labels": {"b": "2", "a.b": "1"}, "None": null,
  "Ports": {"80/tcp": [{"HostPort": "8080"}]}, "Html": "<a&b>"})";

struct TemplateCase {
  const char* text;
  const char* expected;  // Beginning with "!": part of the error.
};

class TemplateTest : public testing::TestWithParam<TemplateCase> {};

TEST_P(TemplateTest, PrintsAsGo) {
  const boost::json::value value = boost::json::parse(kDocument);
  const auto parsed = Template::Parse(GetParam().text);
  const auto out = parsed.ok() ? parsed->Execute(value)
                               : absl::StatusOr<std::string>(parsed.status());
  const std::string expected = GetParam().expected;
  if (expected[0] != '!') {
    ASSERT_TRUE(out.ok()) << out.status();
    EXPECT_EQ(*out, expected);
  } else {
    ASSERT_FALSE(out.ok());
    EXPECT_NE(std::string(out.status().message()).find(expected.substr(1)),
              std::string::npos)
        << out.status();
  }
}

constexpr TemplateCase kTemplates[] = {
    {"{{.Name}}", "/web"},
    {"pid={{.State.Pid}} up={{ .State.Running }}", "pid=42 up=true"},
    {"{{.Env}}", "[A=1 B=2]"},
    {"{{.Labels}}", "map[a.b:1 b:2]"},
    {"{{.None}}", "<no value>"},
    {"{{json .Env}}", R"(["A=1","B=2"])"},
    {"{{json .Html}}", R"("<a&b>")"},
    {"{{json .State}}", R"({"Running":true,"Pid":42})"},
    {"{{index .Labels \"a.b\"}}", "1"},
    {"{{index .Env 1}}", "B=2"},
    {"{{len .Env}}", "2"},
    {"{{range .Env}}<{{.}}>{{end}}", "<A=1><B=2>"},
    {"{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}", "a.b=1;b=2;"},
    {"{{range $p, $c := .Ports}}{{$p}}{{range $c}}:{{.HostPort}}{{end}}"
     "{{end}}",
     "80/tcp:8080"},
    {"{{if .State.Running}}up{{else}}down{{end}}", "up"},
    {"{{if .None}}x{{end}}", ""},
    {"a\\tb", "a\tb"},
    {"{{upper .Name}}", "/WEB"},
    {"{{.Nope}}", "!no entry for key \"Nope\""},
    {"{{.Name.X}}", "!can't evaluate field X"},
    {"{{.Name", "!unclosed"},
    {"{{printf \"%s\" .Name}}", "!unsupported action \"printf\""},
    {"{{.Name | upper}}", "!not supported"},
    {"{{range .Env}}x", "!without {{end}}"},
    {"{{end}}", "!unexpected"},
    {"{{}}", "!missing value"},
    {"{{foo .Name}}", "!function \"foo\" not defined"},
};
INSTANTIATE_TEST_SUITE_P(All, TemplateTest, testing::ValuesIn(kTemplates));

TEST(TableTest, AlignsAndDoesNotPadTheLastColumn) {
  Table table;
  table.AddRow({"ID", "LONG HEADER", "N"});
  table.AddRow({"0123456789ab", "x\xe2\x80\xa6", "last"});
  EXPECT_EQ(table.ToString(),
            "ID             LONG HEADER   N\n"
            "0123456789ab   x\xe2\x80\xa6            last\n");
}

TEST(JsonTextTest, IndentsByFourAndKeepsOrder) {
  EXPECT_EQ(IndentedJson(boost::json::parse(
                R"({"b":[],"a":{"x":[1,"<"]},"e":{},"d":0.5})")),
            "{\n    \"b\": [],\n    \"a\": {\n        \"x\": [\n"
            "            1,\n            \"<\"\n        ]\n    },\n"
            "    \"e\": {},\n    \"d\": 0.5\n}");
}

TEST(HumanTest, SpeaksDockersWords) {
  EXPECT_EQ(HumanDuration(absl::Milliseconds(10)), "Less than a second");
  EXPECT_EQ(HumanDuration(absl::Seconds(59)), "59 seconds");
  EXPECT_EQ(HumanDuration(absl::Seconds(61)), "About a minute");
  EXPECT_EQ(HumanDuration(absl::Minutes(59)), "59 minutes");
  EXPECT_EQ(HumanDuration(absl::Minutes(61)), "About an hour");
  EXPECT_EQ(HumanDuration(absl::Hours(47)), "47 hours");
  EXPECT_EQ(HumanDuration(absl::Hours(24 * 15)), "2 weeks");
  EXPECT_EQ(HumanSize(4182000), "4.18MB");
  EXPECT_EQ(HumanSize(0), "0B");
  EXPECT_EQ(HumanSize(999), "999B");
  EXPECT_EQ(BinarySize(int64_t{25} << 30), "25GiB");
  EXPECT_EQ(Ellipsis("abcdef", 4), "abc\xe2\x80\xa6");
  EXPECT_EQ(ShortenId("sha256:0123456789abcdef"), "0123456789ab");
}

TEST(FormatListTest, TablesJsonAndTemplates) {
  const std::vector<Column> columns = {{"ID", "ID"}, {"Names", "NAMES"}};
  const std::vector<boost::json::object> rows = {
      {{"ID", "1"}, {"Names", "a"}, {"LabelMap", {{"k", "v"}}}}};
  EXPECT_EQ(*FormatList("", columns, 2, rows),
            "ID        NAMES\n1         a\n");
  EXPECT_EQ(*FormatList("json", columns, 2, rows),
            "{\"ID\":\"1\",\"Names\":\"a\"}\n");
  EXPECT_EQ(*FormatList("{{.Names}}/{{.Label \"k\"}}", columns, 2, rows),
            "a/v\n");
  EXPECT_EQ(*FormatList("table {{.Names}}\\t{{.ID}}", columns, 2, rows),
            "NAMES     ID\na         1\n");
  EXPECT_EQ(*FormatList("table {{.Label \"k\"}}", columns, 2, rows), "k\nv\n");
}

}  // namespace
}  // namespace tug::cli
