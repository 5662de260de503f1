// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/trees/tree_diff.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug::imaged {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr timespec kWhole = {1'700'000'000, 0};
constexpr timespec kLater = {1'700'000'001, 0};
constexpr timespec kFine = {1'700'000'000, 5};

class TreeDiffTest : public testing::Test {
 protected:
  TreeDiffTest() {
    fs::create_directory(temp_.path() + "/upper");
    fs::create_directory(temp_.path() + "/lower");
  }

  // A file, with its directories, and its time; the directories get one each
  // that differs.
  void Write(const std::string& path, const std::string& content,
             const timespec& time, mode_t mode = 0644) const {
    const fs::path full = temp_.path() + "/" + path;
    fs::create_directories(full.parent_path());
    temp_.Write(path, content);
    ASSERT_EQ(chmod(full.c_str(), mode), 0);
    const timespec times[2] = {time, time};
    ASSERT_EQ(utimensat(AT_FDCWD, full.c_str(), times, 0), 0);
  }
  void Both(const std::string& path, const std::string& content) const {
    Write("lower/" + path, content, kWhole);
    Write("upper/" + path, content, kWhole);
  }

  std::vector<std::string> Changes() const {
    std::vector<UniqueFd> layers;
    for (const char* name : {"/upper", "/lower"}) {
      layers.emplace_back(
          open((temp_.path() + name).c_str(), O_RDONLY | O_DIRECTORY));
    }
    const MergedTree tree(std::move(layers));
    const auto diff = DiffTree(tree);
    EXPECT_THAT(diff, IsOk());
    std::vector<std::string> changes;
    for (const auto& change : diff->changes()) {
      changes.push_back(absl::StrCat(change.path(), " ", change.kind()));
    }
    return changes;
  }

  TempDir temp_;
};

TEST_F(TreeDiffTest, CopiesThatDifferInNothingAreNoChanges) {
  Both("etc/passwd", "root");
  fs::create_symlink("passwd", temp_.path() + "/lower/etc/link");
  EXPECT_THAT(Changes(), IsEmpty());
}

TEST_F(TreeDiffTest, TimesModesAndContentAre) {
  Both("etc/content", "root");
  Write("upper/etc/content", "toor", kWhole);
  Both("etc/mode", "x");
  Write("upper/etc/mode", "x", kWhole, 0600);
  Both("etc/time", "x");
  Write("upper/etc/time", "x", kLater);
  Both("etc/written", "x");
  Write("upper/etc/written", "x", kFine);
  EXPECT_THAT(Changes(), ElementsAre("/etc 1", "/etc/content 1", "/etc/mode 1",
                                     "/etc/time 1", "/etc/written 1"));
}

// Issue 7, B16: the start had made /etc/hosts, and removed nothing.
TEST_F(TreeDiffTest, WhatAStartMakesIsNoChange) {
  Write("lower/etc/passwd", "root", kWhole);
  Write("upper/etc/hosts", "", kFine);
  Write("upper/.dockerenv", "", kFine);
  Write("upper/x", "", kFine);
  EXPECT_THAT(Changes(), ElementsAre("/x 2"));
}

TEST_F(TreeDiffTest, ADirectoryCountsForItsModeOrForWhatIsInIt) {
  Both("a/f", "x");
  Both("b/f", "x");
  ASSERT_EQ(chmod((temp_.path() + "/upper/b").c_str(), 0700), 0);
  Both("c/f", "x");
  Write("upper/c/new", "", kFine);
  EXPECT_THAT(Changes(), ElementsAre("/b 1", "/c 1", "/c/new 2"));
}

TEST_F(TreeDiffTest, KindsThatReplaceEachOther) {
  Write("lower/file", "x", kWhole);
  Write("upper/file/in", "x", kWhole);
  Write("lower/directory/in", "x", kWhole);
  Write("upper/directory", "x", kWhole);
  EXPECT_THAT(Changes(), ElementsAre("/directory 1", "/file 1", "/file/in 2"));
}

// Issue 7, A18: what is no file is never opened, not even for a comparison.
TEST_F(TreeDiffTest, PipesDoNotBlock) {
  for (const char* layer : {"/upper/p", "/lower/p"}) {
    ASSERT_EQ(mkfifo((temp_.path() + layer).c_str(), 0600), 0);
    const timespec times[2] = {kWhole, kWhole};
    ASSERT_EQ(utimensat(AT_FDCWD, (temp_.path() + layer).c_str(), times, 0), 0);
  }
  EXPECT_THAT(Changes(), IsEmpty());
}

}  // namespace
}  // namespace tug::imaged
