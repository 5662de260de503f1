// SPDX-License-Identifier: Apache-2.0
//
// Runs without root: entries belong to whoever runs the test.
#include "services/tree/apply/apply_tree.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/archive/tar_writer.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "services/tree/apply/attributes.h"

namespace tug::tree {
namespace {

namespace fs = std::filesystem;
using archive::EntryType;
using archive::TarEntry;

TarEntry Entry(EntryType type, const std::string& path,
               const std::string& link = "") {
  TarEntry entry;
  entry.type = type;
  entry.path = path;
  entry.link_target = link;
  entry.mode = type == EntryType::kDirectory ? 0755 : 0644;
  entry.uid = getuid();
  entry.gid = getgid();
  entry.mtime_seconds = 1'000'000'000;
  return entry;
}
TarEntry Dir(const std::string& path) {
  return Entry(EntryType::kDirectory, path);
}
TarEntry File(const std::string& path) { return Entry(EntryType::kFile, path); }
TarEntry Symlink(const std::string& path, const std::string& target) {
  return Entry(EntryType::kSymlink, path, target);
}
TarEntry Hardlink(const std::string& path, const std::string& target) {
  return Entry(EntryType::kHardLink, path, target);
}

class ApplyTreeTest : public testing::Test {
 protected:
  ApplyTreeTest() : root_(temp_.path() + "/layer") {
    fs::create_directory(root_);
    fs::create_directory(temp_.path() + "/outside");
    temp_.Write("outside/secret", "untouched");
  }

  // Every file holds its own path.
  absl::Status Apply(const std::vector<TarEntry>& entries) {
    archive::StringSink tar;
    archive::TarWriter writer(tar);
    for (const TarEntry& entry : entries) {
      EXPECT_THAT(entry.type == EntryType::kFile
                      ? writer.WriteFile(entry, entry.path)
                      : writer.Begin(entry),
                  IsOk());
    }
    EXPECT_THAT(writer.Finish(), IsOk());
    return ApplyTar(tar.text);
  }

  absl::Status ApplyTar(const std::string& tar) {
    archive::MemorySource source(tar);
    archive::TarReader reader(source);
    const UniqueFd report_file(memfd_create("report", MFD_CLOEXEC));
    const UniqueFd root(open(root_.c_str(), O_RDONLY | O_DIRECTORY));
    archive::FdSink report_sink(report_file.get());
    ReportWriter writer_end(report_sink);
    SpaceGuard space(root.get(), least_free_);
    TreeApplier applier(root.get(), form_, hints_, space, writer_end);
    const absl::Status status = applier.Apply(reader);
    EXPECT_THAT(writer_end.Flush(), IsOk());
    EXPECT_EQ(lseek(report_file.get(), 0, SEEK_SET), 0);
    ReportReader reports(report_file.get());
    reports_.clear();
    while (true) {
      const auto record = reports.Next();
      if (!record.ok()) break;
      reports_.push_back(static_cast<char>(record->kind) + record->text);
    }
    return status;
  }

  std::string Read(const std::string& path) {
    std::ifstream file(root_ + "/" + path);
    return std::string((std::istreambuf_iterator<char>(file)),
                       std::istreambuf_iterator<char>());
  }
  struct stat Stat(const std::string& path) {
    struct stat info = {};
    EXPECT_EQ(lstat((root_ + "/" + path).c_str(), &info), 0) << path;
    return info;
  }
  void ExpectOutsideUntouched() {
    std::ifstream file(temp_.path() + "/outside/secret");
    std::string text;
    file >> text;
    EXPECT_EQ(text, "untouched");
    int count = 0;
    for ([[maybe_unused]] const auto& entry :
         fs::directory_iterator(temp_.path() + "/outside")) {
      ++count;
    }
    EXPECT_EQ(count, 1);
    struct stat info;
    EXPECT_EQ(stat((temp_.path() + "/outside/secret").c_str(), &info), 0);
    EXPECT_EQ(info.st_nlink, 1u);
  }

  TempDir temp_;
  const std::string root_;
  TreeForm form_ = TreeForm::kLayer;
  int64_t least_free_ = 0;
  BaseHints hints_;
  std::vector<std::string> reports_;
};

TEST_F(ApplyTreeTest, OrdinaryEntriesKeepTheirAttributes) {
  TarEntry setuid = File("d/s");
  setuid.mode = 04755;
  TarEntry directory = Dir("d/");
  directory.mode = 01777;
  TarEntry hard = Hardlink("h", "d/s");
  hard.mode = 04755;
  ASSERT_THAT(Apply({Dir("./"), directory, setuid, Symlink("d/l", "/x/y"), hard,
                     Entry(EntryType::kFifo, "d/p")}),
              IsOk());
  EXPECT_EQ(Read("d/s"), "d/s");
  EXPECT_EQ(Stat("d/s").st_mode & 07777, 04755u);
  EXPECT_EQ(Stat("d").st_mode & 07777, 01777u);
  // Entries below came later, and still the time is the archive's.
  EXPECT_EQ(Stat("d").st_mtime, 1'000'000'000);
  EXPECT_EQ(Stat("d/l").st_mtime, 1'000'000'000);
  EXPECT_EQ(fs::read_symlink(root_ + "/d/l"), "/x/y");
  EXPECT_EQ(Stat("h").st_ino, Stat("d/s").st_ino);
  EXPECT_TRUE(S_ISFIFO(Stat("d/p").st_mode));
  EXPECT_THAT(reports_, testing::ElementsAre("R"));
}

TEST_F(ApplyTreeTest, WhiteoutsBecomeOverlays) {
  ASSERT_THAT(Apply({Dir("a"), File("a/.wh.gone"), File("a/.wh..wh..opq"),
                     File(".wh..wh.plnk"), File("b/c")}),
              IsOk());
  const struct stat info = Stat("a/gone");
  EXPECT_TRUE(S_ISCHR(info.st_mode));
  EXPECT_EQ(info.st_rdev, makedev(0, 0));
  EXPECT_FALSE(fs::exists(root_ + "/a/.wh..wh..opq"));
  EXPECT_FALSE(fs::exists(root_ + "/.wh..wh.plnk"));
  EXPECT_THAT(reports_, testing::ElementsAre("Oa", "Ib"));
}

TEST_F(ApplyTreeTest, ADirectoryOverAWhiteoutIsOpaque) {
  ASSERT_THAT(
      Apply({File(".wh.a"), Dir("a"), File("a/f"), File(".wh.b"), File("b/f")}),
      IsOk());
  EXPECT_EQ(Read("a/f"), "a/f");
  EXPECT_THAT(reports_, testing::ElementsAre("Oa", "Ib", "Ob"));
}

TEST_F(ApplyTreeTest, LaterEntriesReplaceEarlierOnes) {
  ASSERT_THAT(Apply({File("f"), Symlink("f", "x"), Dir("d"), File("d/deep/x"),
                     File("d"), Symlink("s", "d2"), Dir("s"), File("s/f"),
                     Dir("k"), File("k/f"), Dir("k")}),
              IsOk());
  EXPECT_TRUE(fs::is_symlink(root_ + "/f"));
  EXPECT_EQ(Read("d"), "d");
  EXPECT_EQ(Read("s/f"), "s/f");
  EXPECT_EQ(Read("k/f"), "k/f");
}

TEST_F(ApplyTreeTest, LinksInsideTheLayerAreFollowedInside) {
  ASSERT_THAT(Apply({Dir("usr"), Dir("usr/lib"), Symlink("lib", "usr/lib"),
                     Symlink("abs", "/usr/lib"), File("lib/a"), File("abs/b")}),
              IsOk());
  EXPECT_EQ(Read("usr/lib/a"), "lib/a");
  EXPECT_EQ(Read("usr/lib/b"), "abs/b");
}

// As Docker 29, which does not look through them (issue 7, B21).
TEST_F(ApplyTreeTest, LinksToNothingYetAreFollowedInside) {
  ASSERT_THAT(Apply({Symlink("a", "/b/../c"), File("a/x"), Dir("d"),
                     Symlink("d/up", "../../../e"), File("d/up/f/y")}),
              IsOk());
  EXPECT_EQ(Read("c/x"), "a/x");
  EXPECT_EQ(Read("e/f/y"), "d/up/f/y");
  EXPECT_THAT(reports_, testing::ElementsAre("Ib", "Ic", "Ie", "Ie/f"));
}

TEST_F(ApplyTreeTest, AHardLinksOwnAttributesAreTheFiles) {
  TarEntry file = File("a");
  TarEntry link = Hardlink("b", "a");
  link.mode = 04751;
  link.mtime_seconds = 5;
  link.xattrs["user.fine"] = "kept";
  TarEntry of_symlink = Hardlink("t", "s");
  of_symlink.mtime_seconds = 7;
  ASSERT_THAT(Apply({file, link, Symlink("s", "a"), of_symlink}), IsOk());
  EXPECT_EQ(Stat("a").st_mode & 07777, 04751u);
  EXPECT_EQ(Stat("a").st_mtime, 5);
  EXPECT_EQ(Stat("s").st_mtime, 7);
  char value[16];
  EXPECT_EQ(getxattr((root_ + "/a").c_str(), "user.fine", value, sizeof(value)),
            4);
}

TEST_F(ApplyTreeTest, UnlistedDirectoriesLookLikeThoseBelow) {
  hints_["tmp"] = {01777, getuid(), getgid()};
  hints_["usr"] = {0700, getuid(), getgid()};
  ASSERT_THAT(Apply({File("tmp/a"), File("usr/lib/b")}), IsOk());
  EXPECT_EQ(Stat("tmp").st_mode & 07777, 01777u);
  EXPECT_EQ(Stat("usr").st_mode & 07777, 0700u);
  EXPECT_EQ(Stat("usr/lib").st_mode & 07777, 0755u);
}

// Issue 7, A4: 25 MB of such an archive took imaged 3.7 GB.
TEST_F(ApplyTreeTest, WhatIsReportedIsBoundedInBytes) {
  std::vector<TarEntry> entries;
  std::string path;
  for (int depth = 0; depth < 15; ++depth) path += std::string(250, 'd') + "/";
  entries.push_back(Dir(path));
  for (int i = 0; i < 1200; ++i) entries.push_back(File(path + ".wh..wh..opq"));
  const absl::Status status = Apply(entries);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(status.message()),
              testing::HasSubstr("too many opaque"));
  size_t bytes = 0;
  for (const std::string& report : reports_) bytes += report.size();
  EXPECT_LT(bytes, kMaxReportBytes);
}

TEST_F(ApplyTreeTest, PlainFilesMayHaveAnyName) {
  form_ = TreeForm::kPlain;
  ASSERT_THAT(Apply({Dir("./"), Dir("a"), File("a/.wh.gone"),
                     File("a/.wh..wh..opq"), File("b/c")}),
              IsOk());
  EXPECT_EQ(Read("a/.wh.gone"), "a/.wh.gone");
  EXPECT_EQ(Read("a/.wh..wh..opq"), "a/.wh..wh..opq");
  EXPECT_THAT(reports_, testing::IsEmpty());
}

TEST_F(ApplyTreeTest, HolesAreKept) {
  // The archive's content is the file's path, far behind a hole.
  TarEntry file = File("sparse");
  archive::StringSink tar;
  archive::TarWriter writer(tar);
  file.size = 1 << 30;
  ASSERT_THAT(writer.BeginSparse(file, {{(1 << 30) - 5, 5}}), IsOk());
  ASSERT_THAT(writer.Write("hello"), IsOk());
  ASSERT_THAT(writer.Finish(), IsOk());
  ASSERT_THAT(ApplyTar(tar.text), IsOk());
  EXPECT_EQ(Stat("sparse").st_size, 1 << 30);
  EXPECT_LT(Stat("sparse").st_blocks, 1024);
}

TEST_F(ApplyTreeTest, WhatWouldFillTheDiskIsRefused) {
  least_free_ = std::numeric_limits<int64_t>::max();
  std::vector<TarEntry> few(20, File("f"));
  EXPECT_THAT(Apply(few), IsOk()) << "it is looked at now and then";
  std::vector<TarEntry> many(10'000, File("f"));
  const absl::Status status = Apply(many);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(std::string(ExplainSpace(status, 80, "a-key").message()),
              testing::AllOf(testing::HasSubstr("more than 80%"),
                             testing::HasSubstr("a-key")));
  const absl::Status other = absl::ResourceExhaustedError("No space left");
  EXPECT_EQ(ExplainSpace(other, 80, "a-key"), other);
}

TEST(SpaceGuardTest, APartOfWhatIsFreeStaysFree) {
  TempDir temp;
  const UniqueFd fd(open(temp.path().c_str(), O_RDONLY | O_DIRECTORY));
  const auto all = LeastFree(fd.get(), 100);
  const auto half = LeastFree(fd.get(), 50);
  ASSERT_THAT(all, IsOk());
  ASSERT_THAT(half, IsOk());
  EXPECT_LT(*all, 100);
  EXPECT_GT(*half, *all);
  SpaceGuard fine(fd.get(), 0);
  EXPECT_THAT(fine.Charge(int64_t{1} << 40), IsOk());
}

struct HostileCase {
  const char* name;
  std::vector<TarEntry> entries;
  bool refused;
};

class HostileTest : public ApplyTreeTest,
                    public testing::WithParamInterface<HostileCase> {};

TEST_P(HostileTest, NothingOutsideIsTouched) {
  const absl::Status status = Apply(GetParam().entries);
  EXPECT_EQ(!status.ok(), GetParam().refused) << status;
  if (GetParam().refused) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  }
  ExpectOutsideUntouched();
}

const HostileCase kHostileCases[] = {
    {"DotDot", {File("../outside/secret")}, true},
    {"DotDotBelow", {File("a/../../outside/secret")}, true},
    {"Absolute", {File("/outside/secret")}, false},
    {"SymlinkParent", {Symlink("a", "../outside"), File("a/secret")}, false},
    {"SymlinkParentExists",
     {Dir("outside"), Symlink("a", "../outside"), File("a/secret")},
     false},
    {"SymlinkReplacedByFile",
     {Symlink("secret", "../outside/secret"), File("secret")},
     false},
    {"SymlinkLoop", {Symlink("a", "b"), Symlink("b", "a"), File("a/x")}, true},
    {"HardlinkOutside", {Hardlink("h", "../outside/secret")}, true},
    {"HardlinkThroughSymlink",
     {Symlink("a", "../outside"), Hardlink("h", "a/secret")},
     true},
    {"HardlinkToSymlinkThenWrite",
     {Symlink("s", "../outside/secret"), Hardlink("h", "s"), File("h")},
     false},
    {"HardlinkToRoot", {Hardlink("h", "/")}, true},
    {"HardlinkToNothing", {Hardlink("h", "nothing")}, true},
    {"HardlinkToItself", {File("a"), Hardlink("a", "a")}, false},
    {"WhiteoutOfDotDot", {File(".wh...")}, true},
    {"WhiteoutOfDot", {File("a/.wh..")}, true},
    {"WhiteoutThroughSymlink",
     {Symlink("a", "../outside"), File("a/.wh.secret")},
     false},
    {"RootIsAFile", {File("./")}, true},
    {"RootIsALink", {Symlink("/", "/outside")}, true},
    {"ParentIsAFile", {File("a"), File("a/b")}, true},
    {"LongComponent", {File(std::string(300, 'x'))}, true},
    {"DirectoryThroughDanglingLink",
     {Symlink("a", "/nothing"), File("a/b")},
     false},
    {"DirectoryThroughLinksWithoutEnd",
     {Symlink("a", "b/x"), Symlink("b", "a"), File("a/b/c")},
     true},
};
INSTANTIATE_TEST_SUITE_P(All, HostileTest, testing::ValuesIn(kHostileCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST_F(ApplyTreeTest, AttributesOfOverlayAreNotTakenFromArchives) {
  TarEntry entry = Dir("d");
  entry.xattrs["trusted.overlay.redirect"] = "/etc";
  entry.xattrs["user.overlay.opaque"] = "y";
  entry.xattrs["user.fine"] = "kept";
  ASSERT_THAT(Apply({entry}), IsOk());
  char value[16];
  EXPECT_LT(getxattr((root_ + "/d").c_str(), "trusted.overlay.redirect", value,
                     sizeof(value)),
            0);
  EXPECT_LT(getxattr((root_ + "/d").c_str(), "user.overlay.opaque", value,
                     sizeof(value)),
            0);
  EXPECT_FALSE(IsAllowedXattr("security.selinux"));
  EXPECT_TRUE(IsAllowedXattr("security.capability"));
}

TEST(EntryPathTest, PathsAreCleaned) {
  const struct {
    const char* path;
    const char* clean;  // nullptr: refused.
  } cases[] = {{"a/b", "a/b"},  {"./a//b/.", "a/b"},
               {"/a", "a"},     {"a/../b", "b"},
               {".", ""},       {"", ""},
               {"..", nullptr}, {"a/../..", nullptr},
               {"/..", nullptr}};
  for (const auto& c : cases) {
    const auto clean = CleanEntryPath(c.path);
    if (c.clean == nullptr) {
      EXPECT_THAT(clean, StatusIs(absl::StatusCode::kInvalidArgument));
    } else {
      EXPECT_THAT(clean, IsOkAndHolds(c.clean)) << c.path;
    }
  }
}

}  // namespace
}  // namespace tug::tree
