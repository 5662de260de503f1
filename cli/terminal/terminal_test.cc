// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/detach_keys.h"
#include "cli/terminal/frame_reader.h"
#include "gtest/gtest.h"

namespace tug::cli {
namespace {

TEST(ParseDetachKeysTest, Table) {
  EXPECT_EQ(*ParseDetachKeys("ctrl-p,ctrl-q"), "\x10\x11");
  EXPECT_EQ(*ParseDetachKeys("a,ctrl-["), "a\x1b");
  EXPECT_EQ(*ParseDetachKeys(""), "");
  EXPECT_FALSE(ParseDetachKeys("ctrl-,a").ok());
  EXPECT_FALSE(ParseDetachKeys("word").ok());
}

TEST(DetachKeysTest, HoldsBackAndReplays) {
  DetachKeys keys("\x10\x11");
  std::string out;
  EXPECT_FALSE(keys.Filter("ab\x10", out));
  EXPECT_EQ(out, "ab");
  EXPECT_FALSE(keys.Filter("c", out));
  EXPECT_EQ(out,
            "ab\x10"
            "c");
  EXPECT_FALSE(keys.Filter("\x10\x10", out));
  EXPECT_EQ(out,
            "ab\x10"
            "c\x10");
  EXPECT_TRUE(keys.Filter("\x11xyz", out));
  EXPECT_EQ(out,
            "ab\x10"
            "c\x10");
}

TEST(FrameReaderTest, SplitsAtAnyBoundary) {
  const std::string stream(
      "\x01\0\0\0\0\0\0\x03"
      "abc\x02\0\0\0\0\0\0\x01"
      "e",
      20);
  for (size_t step = 1; step <= stream.size(); ++step) {
    FrameReader reader;
    std::string shown;
    for (size_t at = 0; at < stream.size(); at += step) {
      const absl::Status status =
          reader.Feed(absl::string_view(stream).substr(at, step),
                      [&shown](int number, absl::string_view bytes) {
                        for (const char c : bytes) {
                          shown += std::to_string(number) + c;
                        }
                        return absl::OkStatus();
                      });
      ASSERT_TRUE(status.ok());
    }
    EXPECT_EQ(shown, "1a1b1c2e") << step;
  }
}

TEST(FrameReaderTest, RefusesOtherStreams) {
  FrameReader reader;
  EXPECT_FALSE(
      reader
          .Feed("plain text",
                [](int, absl::string_view) { return absl::OkStatus(); })
          .ok());
}

}  // namespace
}  // namespace tug::cli
