// SPDX-License-Identifier: Apache-2.0
#include "lib/files/trash.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug {
namespace {

namespace fs = std::filesystem;

class TrashTest : public testing::Test {
 protected:
  // In memory where that is possible: these are many names for a disk.
  static void SetUpTestSuite() {
    if (access("/dev/shm", W_OK) == 0) setenv("TEST_TMPDIR", "/dev/shm", 1);
  }

  TrashTest() : top_(Open("")) { fs::create_directory(Path("trash")); }

  std::string Path(const std::string& name) const {
    return absl::StrCat(temp_.path(), "/", name);
  }
  UniqueFd Open(const std::string& name) const {
    return UniqueFd(
        open(Path(name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  // A directory with `count` directories, each with one in it.
  void MakeWide(const std::string& name, int count) const {
    fs::create_directory(Path(name));
    const UniqueFd wide = Open(name);
    for (int i = 0; i < count; ++i) {
      const std::string child = absl::StrCat("d", i);
      ASSERT_EQ(mkdirat(wide.get(), child.c_str(), 0700), 0);
      ASSERT_EQ(mkdirat(wide.get(), (child + "/e").c_str(), 0700), 0);
    }
  }
  int EntriesInTrash() const {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(Path("trash"))) {
      count += entry.exists();
    }
    return count;
  }

  TempDir temp_;
  UniqueFd top_;
};

TEST_F(TrashTest, ThrownTreesVanishAtOnceAndForGood) {
  // What an earlier run left.
  fs::create_directories(Path("trash/old/deep"));
  Trash trash(Open("trash"));
  fs::create_directories(Path("a/b"));
  EXPECT_THAT(trash.Throw(top_.get(), "a"), IsOk());
  EXPECT_FALSE(fs::exists(Path("a")));
  EXPECT_THAT(trash.Throw(top_.get(), "a"), IsOk());
  trash.Drain();
  EXPECT_TRUE(fs::is_empty(Path("trash")));
}

TEST_F(TrashTest, MoreThanAreRememberedGoToo) {
  const int count = static_cast<int>(Trash::kMaxRemembered) + 100;
  for (int i = 0; i < count; ++i) {
    fs::create_directory(Path(absl::StrCat("trash/old", i)));
  }
  Trash trash(Open("trash"));
  trash.Drain();
  EXPECT_TRUE(fs::is_empty(Path("trash")));
}

// Issue 7, A7: three removals waited behind a large one.
TEST_F(TrashTest, SmallTreesDoNotWaitForALargeOne) {
  MakeWide("large", 30'000);
  for (const char* name : {"a", "b", "c"}) MakeWide(name, 10);
  Trash trash(Open("trash"));
  trash.Drain();
  ASSERT_THAT(trash.Throw(top_.get(), "large"), IsOk());
  for (const char* name : {"a", "b", "c"}) {
    ASSERT_THAT(trash.Throw(top_.get(), name), IsOk());
  }
  // The large one is last, whichever way the threads were scheduled.
  while (EntriesInTrash() > 1) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(EntriesInTrash(), 1);
  trash.Drain();
  EXPECT_TRUE(fs::is_empty(Path("trash")));
}

// The turn under way ends, the rest is left to the next start.
TEST_F(TrashTest, TheEndDoesNotWaitForALargeTree) {
  MakeWide("large", 30'000);
  {
    Trash trash(Open("trash"));
    ASSERT_THAT(trash.Throw(top_.get(), "large"), IsOk());
  }
  EXPECT_EQ(EntriesInTrash(), 1);
  Trash trash(Open("trash"));
  trash.Drain();
  EXPECT_TRUE(fs::is_empty(Path("trash")));
}

}  // namespace
}  // namespace tug
