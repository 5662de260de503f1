// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/copy_up/extract_tar.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "gtest/gtest.h"
#include "lib/archive/tar_writer.h"
#include "lib/sys/unique_fd.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug::volumed {
namespace {

namespace fs = std::filesystem;
using archive::EntryType;
using archive::TarEntry;

TarEntry Entry(EntryType type, const std::string& path, uint32_t mode) {
  TarEntry entry;
  entry.type = type;
  entry.path = path;
  entry.mode = mode;
  entry.uid = getuid();
  entry.gid = getgid();
  entry.mtime_seconds = 1000000;
  return entry;
}

TarEntry Link(EntryType type, const std::string& path,
              const std::string& target) {
  TarEntry entry = Entry(type, path, 0777);
  entry.link_target = target;
  return entry;
}

class ExtractTarTest : public testing::Test {
 protected:
  ExtractTarTest() {
    fs::create_directory(temp_.path() + "/v");
    root_ =
        UniqueFd(open((temp_.path() + "/v").c_str(), O_RDONLY | O_DIRECTORY));
  }

  void Add(const TarEntry& entry, const std::string& content = "") {
    TarEntry sized = entry;
    sized.size = static_cast<int64_t>(content.size());
    ASSERT_THAT(writer_.Begin(sized), IsOk());
    if (!content.empty()) {
      ASSERT_THAT(writer_.Write(content), IsOk());
    }
  }

  absl::Status Extract(bool finish = true) {
    if (finish) {
      EXPECT_THAT(writer_.Finish(), IsOk());
    }
    archive::MemorySource source(sink_.text);
    return ExtractTar(source, root_.get());
  }

  std::string At(const std::string& path) {
    return temp_.path() + "/v/" + path;
  }

  TempDir temp_;
  UniqueFd root_;
  archive::StringSink sink_;
  archive::TarWriter writer_{sink_};
};

TEST_F(ExtractTarTest, KeepsContentModesTimesAndLinks) {
  Add(Entry(EntryType::kDirectory, "./", 0710));
  Add(Entry(EntryType::kDirectory, "a", 0750));
  Add(Entry(EntryType::kFile, "a/f", 04755), "hello");
  Add(Link(EntryType::kHardLink, "a/h", "a/f"));
  Add(Link(EntryType::kSymlink, "s", "/etc/passwd"));
  ASSERT_THAT(Extract(), IsOk());
  struct stat info;
  ASSERT_EQ(stat(At("").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0710u);
  EXPECT_EQ(info.st_mtime, 1000000);
  ASSERT_EQ(stat(At("a/f").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 04755u);
  EXPECT_EQ(info.st_size, 5);
  EXPECT_EQ(info.st_nlink, 2u);
  ASSERT_EQ(stat(At("a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mtime, 1000000);
  EXPECT_EQ(fs::read_symlink(At("s")), "/etc/passwd");
}

TEST_F(ExtractTarTest, CutOffArchivesAreNoSuccess) {
  Add(Entry(EntryType::kFile, "f", 0644), "hello");
  EXPECT_THAT(Extract(/*finish=*/false), HasReason("ARCHIVE_INVALID"));
}

TEST_F(ExtractTarTest, WritingThroughASymbolicLinkIsRefused) {
  fs::create_directory(temp_.path() + "/outside");
  Add(Link(EntryType::kSymlink, "s", temp_.path() + "/outside"));
  Add(Entry(EntryType::kFile, "s/f", 0644), "evil");
  EXPECT_THAT(Extract(), HasReason("ARCHIVE_INVALID"));
  EXPECT_TRUE(fs::is_empty(temp_.path() + "/outside"));
}

TEST_F(ExtractTarTest, RelativeLinkUpwardsIsRefusedAsParent) {
  Add(Link(EntryType::kSymlink, "up", ".."));
  Add(Entry(EntryType::kFile, "up/f", 0644), "evil");
  EXPECT_THAT(Extract(), HasReason("ARCHIVE_INVALID"));
  EXPECT_FALSE(fs::exists(temp_.path() + "/f"));
}

TEST_F(ExtractTarTest, DotDotIsRefused) {
  Add(Entry(EntryType::kFile, "../f", 0644), "evil");
  EXPECT_THAT(Extract(), HasReason("ARCHIVE_INVALID"));
  EXPECT_FALSE(fs::exists(temp_.path() + "/f"));
}

TEST_F(ExtractTarTest, HardLinkOutsideIsRefused) {
  temp_.Write("secret", "secret");
  Add(Link(EntryType::kSymlink, "up", temp_.path()));
  Add(Link(EntryType::kHardLink, "h", "up/secret"));
  EXPECT_THAT(Extract(), HasReason("ARCHIVE_INVALID"));
  EXPECT_FALSE(fs::exists(At("h")));
}

TEST_F(ExtractTarTest, ASecondEntryOfANameIsRefused) {
  Add(Link(EntryType::kSymlink, "f", "/etc/passwd"));
  Add(Entry(EntryType::kFile, "f", 0644), "evil");
  EXPECT_THAT(Extract(), HasReason("ARCHIVE_INVALID"));
}

}  // namespace
}  // namespace tug::volumed
