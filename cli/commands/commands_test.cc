// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>

#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/commands/port_display.h"
#include "cli/commands/pull_image.h"
#include "cli/commands/pull_progress.h"
#include "gtest/gtest.h"

namespace tug::cli {
namespace {

TEST(CommandTableTest, NamesAreUniqueAndAliasesLeadSomewhere) {
  std::set<std::string> names;
  for (const CommandEntry& entry : CommandTable()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    FlagSet flags;
    entry.make()->AddFlags(flags);
    EXPECT_TRUE(flags.Parse({"--help"}, false).ok());
    EXPECT_TRUE(flags.help_wanted()) << entry.name;
  }
  for (const CommandAlias& alias : CommandAliases()) {
    EXPECT_TRUE(names.contains(alias.target)) << alias.name;
    EXPECT_FALSE(names.contains(alias.name)) << alias.name;
  }
}

TEST(WithDefaultTagTest, LeavesNamedOnesAlone) {
  EXPECT_EQ(WithDefaultTag("debian"), "debian:latest");
  EXPECT_EQ(WithDefaultTag("h:5000/a"), "h:5000/a:latest");
  EXPECT_EQ(WithDefaultTag("h:5000/a:1"), "h:5000/a:1");
  EXPECT_EQ(WithDefaultTag("a@sha256:1"), "a@sha256:1");
}

std::string Ports(const char* text) {
  return DisplayPorts(boost::json::parse(text).as_array());
}

TEST(DisplayPortsTest, ShowsRanges) {
  EXPECT_EQ(Ports("[]"), "");
  EXPECT_EQ(Ports(R"([{"PrivatePort":80,"Type":"tcp"}])"), "80/tcp");
  EXPECT_EQ(
      Ports(R"([{"IP":"::","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},)"
            R"({"IP":"0.0.0.0","PrivatePort":80,"PublicPort":8080,)"
            R"("Type":"tcp"}])"),
      "0.0.0.0:8080->80/tcp, [::]:8080->80/tcp");
  EXPECT_EQ(Ports(R"([{"IP":"0.0.0.0","PrivatePort":81,"PublicPort":91,)"
                  R"("Type":"tcp"},{"IP":"0.0.0.0","PrivatePort":80,)"
                  R"("PublicPort":90,"Type":"tcp"}])"),
            "0.0.0.0:90-91->80-81/tcp");
}

TEST(ProgressBarTest, FitsTheTerminal) {
  EXPECT_EQ(ProgressBar(0, 0, 200), "");
  EXPECT_EQ(ProgressBar(1000, 0, 200), "1kB");
  EXPECT_EQ(ProgressBar(1000, 4000, 80), "1kB/4kB");
  EXPECT_EQ(ProgressBar(4000, 4000, 200),
            "[" + std::string(50, '=') + "]  4kB/4kB");
  EXPECT_EQ(
      ProgressBar(2000, 4000, 200),
      "[" + std::string(25, '=') + ">" + std::string(24, ' ') + "]  2kB/4kB");
}

TEST(LineSplitterTest, CutsAtNewlines) {
  std::string seen;
  LineSplitter lines([&seen](absl::string_view line) {
    seen += "<" + std::string(line) + ">";
    return absl::OkStatus();
  });
  ASSERT_TRUE(lines.Feed("a\r\nb").ok());
  ASSERT_TRUE(lines.Feed("c\n\nd").ok());
  ASSERT_TRUE(lines.Finish().ok());
  EXPECT_EQ(seen, "<a><bc><d>");
}

}  // namespace
}  // namespace tug::cli
