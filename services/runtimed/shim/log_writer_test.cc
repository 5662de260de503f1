// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shim/log_writer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "lib/testing/temp_dir.h"

namespace tug::runtimed {
namespace {

constexpr int64_t kTime = 1'000'000'000;

// A disk that is full at `size` bytes of a file, for as long as this lives.
class FullAt {
 public:
  explicit FullAt(uint64_t size) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit low = {size, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &low);
  }
  ~FullAt() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_ = {};
};

class LogWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(log_->Open(path_.c_str(), "", 0), 0);
    Write("first\n");
    first_ = Text();
  }

  void Write(const char* text) {
    log_->Write(1, text, strlen(text), kTime);
    log_->Flush();
  }
  std::string Text() const {
    std::stringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

  TempDir directory_;
  const std::string path_ = directory_.path() + "/log";
  // Too large for a stack.
  const std::unique_ptr<LogWriter> log_ = std::make_unique<LogWriter>();
  std::string first_;
};

TEST_F(LogWriterTest, EndsTheLineThatAFullDiskHasTorn) {
  {
    const FullAt full(first_.size() + 5);
    Write("torn\n");
    // Still no room, not even for the newline.
    Write("lost\n");
  }
  EXPECT_EQ(log_->SizeOnDisk(), first_.size());
  int error = 0;
  uint64_t lost = 0;
  ASSERT_TRUE(log_->TakeError(&error, &lost));
  EXPECT_EQ(error, EFBIG);
  EXPECT_EQ(lost, 2u);
  Write("first\n");
  EXPECT_EQ(Text(), first_ + first_.substr(0, 5) + "\n" + first_);
  EXPECT_EQ(log_->SizeOnDisk(), Text().size());
}

TEST_F(LogWriterTest, KeepsTheWholeLinesOfAWriteThatFails) {
  {
    const FullAt full(2 * first_.size() + 5);
    Write("first\nfirst\nfirst\n");
  }
  EXPECT_EQ(Text(), first_ + first_ + first_.substr(0, 5));
  EXPECT_EQ(log_->SizeOnDisk(), 2 * first_.size());
  int error = 0;
  uint64_t lost = 0;
  ASSERT_TRUE(log_->TakeError(&error, &lost));
  EXPECT_EQ(lost, 2u);
}

// The shim of an earlier start, whose clients are slow, and its successor.
TEST_F(LogWriterTest, CutsNothingThatAnotherShimHasAppended) {
  const auto other = std::make_unique<LogWriter>();
  ASSERT_EQ(other->Open(path_.c_str(), "", 0), 0);
  other->Write(1, "first\n", 6, kTime);
  other->Flush();
  EXPECT_EQ(log_->SizeOnDisk(), 2 * first_.size());
  {
    const FullAt full(2 * first_.size() + 5);
    Write("torn\n");
  }
  other->Write(1, "glued\n", 6, kTime);
  other->Flush();
  Write("first\n");
  const std::string text = Text();
  EXPECT_EQ(text.substr(0, 2 * first_.size()), first_ + first_);
  EXPECT_NE(text.find("glued"), std::string::npos);
  EXPECT_EQ(text.substr(text.size() - first_.size() - 1), "\n" + first_);
}

}  // namespace
}  // namespace tug::runtimed
