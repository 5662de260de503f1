// SPDX-License-Identifier: Apache-2.0
#include "lib/files/pinned_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug {
namespace {

namespace fs = std::filesystem;

class PinnedFileTest : public testing::Test {
 protected:
  PinnedFileTest()
      : root_(open(temp_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

  TempDir temp_;
  UniqueFd root_;
};

std::string ReadAll(int fd) {
  char text[64];
  const ssize_t size = read(fd, text, sizeof(text));
  return size < 0 ? "" : std::string(text, static_cast<size_t>(size));
}

TEST_F(PinnedFileTest, StaysWhatItWasWhateverHappensToTheName) {
  temp_.Write("f", "first");
  const auto pinned = PinnedFile::Open(root_.get(), "f");
  ASSERT_THAT(pinned, IsOk());
  ASSERT_EQ(unlinkat(root_.get(), "f", 0), 0);
  temp_.Write("f", "second");
  const auto opened = pinned->OpenForReading();
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(ReadAll(opened->get()), "first");
}

// Issue 7, A18: a device between the look and the open.
TEST_F(PinnedFileTest, WhatIsNoFileIsNotOpened) {
  ASSERT_EQ(mkfifoat(root_.get(), "fifo", 0600), 0);
  const auto fifo = PinnedFile::Open(root_.get(), "fifo");
  ASSERT_THAT(fifo, IsOk());
  EXPECT_TRUE(S_ISFIFO(fifo->info().st_mode));
  EXPECT_THAT(fifo->OpenForReading(),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(PinnedFileTest, LinksAreShownNotFollowed) {
  temp_.Write("f", "x");
  fs::create_symlink("f", temp_.path() + "/link");
  fs::create_directory(temp_.path() + "/d");
  fs::create_directory_symlink("d", temp_.path() + "/dlink");
  temp_.Write("d/f", "x");
  const auto link = PinnedFile::Open(root_.get(), "link");
  ASSERT_THAT(link, IsOk());
  EXPECT_EQ(*link->ReadLink(), "f");
  EXPECT_FALSE(link->OpenForReading().ok());
  EXPECT_THAT(PinnedFile::Open(root_.get(), "d/f"), IsOk());
  EXPECT_FALSE(PinnedFile::Open(root_.get(), "dlink/f").ok());
  EXPECT_FALSE(PinnedFile::Open(root_.get(), "../x").ok());
  EXPECT_FALSE(PinnedFile::Open(root_.get(), "/etc").ok());
}

TEST_F(PinnedFileTest, DirectoriesCanBeListed) {
  fs::create_directory(temp_.path() + "/d");
  const auto directory = PinnedFile::Open(root_.get(), "d");
  ASSERT_THAT(directory, IsOk());
  EXPECT_THAT(directory->OpenForReading(), IsOk());
}

}  // namespace
}  // namespace tug
