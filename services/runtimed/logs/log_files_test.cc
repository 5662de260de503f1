// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/logs/log_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace tug::runtimed {
namespace {

class LogFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* root = getenv("TEST_TMPDIR");
    directory_ = absl::StrCat(root == nullptr ? "/tmp" : root, "/logXXXXXX");
    ASSERT_NE(mkdtemp(directory_.data()), nullptr);
    path_ = absl::StrCat(directory_, "/log");
  }
  void Write(const std::string& name, const std::string& text) {
    const UniqueFd fd(open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600));
    ASSERT_EQ(write(fd.get(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }
  std::string ReadFrom(const LogFiles& log, LogPosition at) {
    std::string all;
    for (size_t i = at.file; i < log.files.size(); ++i) {
      LineReader reader(log.files[i].get(), i == at.file ? at.offset : 0);
      absl::string_view line;
      while (reader.Next(line)) absl::StrAppend(&all, line, "|");
    }
    return all;
  }
  std::string directory_;
  std::string path_;
};

TEST_F(LogFilesTest, TailCrossesRotatedFiles) {
  Write(path_ + ".2", "a\nb\n");
  Write(path_ + ".1", "c\n");
  Write(path_, "d\ne\npart");
  const LogFiles log = OpenLogFiles(path_);
  ASSERT_EQ(log.files.size(), 3u);
  EXPECT_EQ(ReadFrom(log, {}), "a|b|c|d|e|");
  EXPECT_EQ(ReadFrom(log, FindTail(log, 0)), "");
  EXPECT_EQ(ReadFrom(log, FindTail(log, 1)), "e|");
  EXPECT_EQ(ReadFrom(log, FindTail(log, 2)), "d|e|");
  EXPECT_EQ(ReadFrom(log, FindTail(log, 3)), "c|d|e|");
  EXPECT_EQ(ReadFrom(log, FindTail(log, 4)), "b|c|d|e|");
  EXPECT_EQ(ReadFrom(log, FindTail(log, 99)), "a|b|c|d|e|");
}

TEST_F(LogFilesTest, LinesGrowAndLongOnesCrossBlocks) {
  const std::string longest(200 << 10, 'x');
  Write(path_, longest + "\nsecond\nthi");
  const LogFiles log = OpenLogFiles(path_);
  LineReader reader(log.files[0].get(), 0);
  absl::string_view line;
  ASSERT_TRUE(reader.Next(line));
  EXPECT_EQ(line, longest);
  ASSERT_TRUE(reader.Next(line));
  EXPECT_EQ(line, "second");
  EXPECT_FALSE(reader.Next(line));
  Write(path_, "rd\n");
  ASSERT_TRUE(reader.Next(line));
  EXPECT_EQ(line, "third");
}

}  // namespace
}  // namespace tug::runtimed
