// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/archive/tar_writer.h"
#include "lib/sys/unique_fd.h"
#include "lib/testing/privileged_test.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "services/volumed/copy_up/fill_volume.h"

namespace tug::volumed {
namespace {

using archive::EntryType;
using archive::TarEntry;

TarEntry Entry(EntryType type, const std::string& path, uint32_t mode) {
  TarEntry entry;
  entry.type = type;
  entry.path = path;
  entry.mode = mode;
  entry.uid = 5;
  entry.mtime_seconds = 1000000;
  return entry;
}

class FillVolumeTest : public PrivilegedTest {
 protected:
  void SetUp() override {
    PrivilegedTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    signal(SIGPIPE, SIG_IGN);
    std::filesystem::create_directory(At(""));
    directory_.reset(open(At("").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }

  std::string At(const std::string& path) {
    return temp_.path() + "/v/" + path;
  }

  void Add(const TarEntry& entry, const std::string& content = "") {
    ASSERT_THAT(entry.type == EntryType::kFile
                    ? writer_.WriteFile(entry, content)
                    : writer_.Begin(entry),
                IsOk());
  }

  // Sends what was added, and keeps the connection open until it has answered
  // if `hold`.
  absl::Status Fill(bool hold = false) {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    UniqueFd ours(ends[0]);
    UniqueFd theirs(ends[1]);
    std::thread sender([&] {
      archive::FdSink(ours.get()).Write(sink_.text).IgnoreError();
      if (!hold) ours.reset();
    });
    const absl::Status status =
        FillVolume({"services/tree/tug-tree", 80}, theirs.get(),
                   directory_.get(), [this] { return cancelled_.load(); });
    theirs.reset();  // Who is still sending must not wait for ever.
    sender.join();
    return status;
  }

  TempDir temp_;
  UniqueFd directory_;
  archive::StringSink sink_;
  archive::TarWriter writer_{sink_};
  std::atomic<bool> cancelled_ = false;
};

TEST_F(FillVolumeTest, ContentComesAsItIs) {
  Add(Entry(EntryType::kDirectory, "./", 0710));
  Add(Entry(EntryType::kDirectory, "a", 01777));
  Add(Entry(EntryType::kFile, "a/f", 04755), "hello");
  Add(Entry(EntryType::kFile, ".wh.name", 0644), "a name as any other");
  TarEntry sparse = Entry(EntryType::kFile, "sparse", 0600);
  sparse.size = int64_t{1} << 32;
  ASSERT_THAT(writer_.BeginSparse(sparse, {{1 << 30, 3}}), IsOk());
  ASSERT_THAT(writer_.Write("far"), IsOk());
  ASSERT_THAT(writer_.Finish(), IsOk());
  ASSERT_THAT(Fill(), IsOk());
  struct stat info;
  ASSERT_EQ(stat(At("").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0710u);
  EXPECT_EQ(info.st_uid, 5u);
  EXPECT_EQ(info.st_mtime, 1000000);
  ASSERT_EQ(stat(At("a/f").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 04755u);
  EXPECT_TRUE(std::filesystem::exists(At(".wh.name")));
  ASSERT_EQ(stat(At("sparse").c_str(), &info), 0);
  EXPECT_EQ(info.st_size, int64_t{1} << 32);
  EXPECT_LT(info.st_blocks, 1024);
}

TEST_F(FillVolumeTest, AStreamThatIsCutOffIsNoSuccess) {
  Add(Entry(EntryType::kFile, "f", 0644), "hello");
  EXPECT_THAT(Fill(), HasReason("ARCHIVE_INVALID"));
}

TEST_F(FillVolumeTest, NothingOutsideIsReached) {
  TarEntry link = Entry(EntryType::kSymlink, "s", 0777);
  link.link_target = temp_.path();
  Add(link);
  Add(Entry(EntryType::kFile, "s/f", 0644), "evil");
  ASSERT_THAT(writer_.Finish(), IsOk());
  EXPECT_THAT(Fill(), IsOk());
  EXPECT_FALSE(std::filesystem::exists(temp_.path() + "/f"));
}

TEST_F(FillVolumeTest, DotDotIsRefused) {
  Add(Entry(EntryType::kFile, "../f", 0644), "evil");
  ASSERT_THAT(writer_.Finish(), IsOk());
  EXPECT_THAT(Fill(), HasReason("ARCHIVE_INVALID"));
  EXPECT_FALSE(std::filesystem::exists(temp_.path() + "/f"));
}

// Issue 7, A17: a sender that says nothing more held its thread for ever.
TEST_F(FillVolumeTest, ACopyThatHangsCanBeCancelled) {
  Add(Entry(EntryType::kFile, "f", 0644), "hello");
  cancelled_ = true;
  EXPECT_THAT(Fill(/*hold=*/true), StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(FillVolumeTest, ACopyMayNotTakeTheWholeDisk) {
  ASSERT_EQ(mount("tug-test", At("").c_str(), "tmpfs", 0, "size=32m"), 0);
  directory_.reset(open(At("").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  Add(Entry(EntryType::kFile, "f", 0644), std::string(30 << 20, 'x'));
  ASSERT_THAT(writer_.Finish(), IsOk());
  const absl::Status status = Fill();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(std::string(status.message()),
              testing::HasSubstr("max-copy-percent"));
  directory_.reset();
  EXPECT_EQ(umount2(At("").c_str(), MNT_DETACH), 0);
}

}  // namespace
}  // namespace tug::volumed
