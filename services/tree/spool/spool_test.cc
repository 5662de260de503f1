// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/archive/tar_writer.h"
#include "lib/testing/status_matchers.h"
#include "services/tree/spool/spool_reader.h"
#include "services/tree/spool/spool_writer.h"

namespace tug::tree {
namespace {

using archive::EntryType;
using archive::TarEntry;

TarEntry Entry(EntryType type, const std::string& path,
               const std::string& link = "") {
  TarEntry entry;
  entry.type = type;
  entry.path = path;
  entry.link_target = link;
  return entry;
}

// The frames of a tar whose files hold their own paths.
absl::StatusOr<std::string> Spool(const std::vector<TarEntry>& entries) {
  archive::StringSink tar;
  archive::TarWriter writer(tar);
  for (const TarEntry& entry : entries) {
    EXPECT_THAT(entry.type == EntryType::kFile
                    ? writer.WriteFile(entry, entry.path)
                    : writer.Begin(entry),
                IsOk());
  }
  EXPECT_THAT(writer.Finish(), IsOk());
  archive::MemorySource source(tar.text);
  archive::TarReader reader(source);
  archive::StringSink frames;
  const absl::Status status = WriteSpool(reader, frames);
  if (!status.ok()) return status;
  return frames.text;
}

// "path=content" or "path->target", in order.
absl::StatusOr<std::vector<std::string>> Read(absl::string_view frames) {
  archive::MemorySource source(frames);
  SpoolReader reader(source);
  std::vector<std::string> seen;
  while (true) {
    const auto entry = reader.Next();
    if (!entry.ok()) return entry.status();
    if (!entry->has_value()) return seen;
    if ((*entry)->is_link) {
      seen.push_back(absl::StrCat((*entry)->path, "->", (*entry)->link_target));
      continue;
    }
    std::string content((*entry)->size, '\0');
    const auto count = reader.Read(content.data(), content.size());
    if (!count.ok()) return count.status();
    seen.push_back(absl::StrCat((*entry)->path, "=", content));
  }
}

TEST(SpoolStreamTest, FilesAndLinksComeThrough) {
  const auto frames = Spool(
      {Entry(EntryType::kDirectory, "d/"), Entry(EntryType::kFile, "./d//f"),
       Entry(EntryType::kFile, "g"), Entry(EntryType::kSymlink, "d/s", "../g"),
       Entry(EntryType::kHardLink, "h", "d/f"), Entry(EntryType::kFifo, "p")});
  ASSERT_THAT(frames, IsOk());
  EXPECT_THAT(Read(*frames), IsOkAndHolds(testing::ElementsAre(
                                 "d/f=./d//f", "g=g", "d/s->g", "h->d/f")));
}

TEST(SpoolStreamTest, NamesAreBoundedInBytes) {
  std::vector<TarEntry> entries;
  for (size_t i = 0; i <= kMaxSpoolNamesBytes / 4000; ++i) {
    entries.push_back(Entry(EntryType::kHardLink, std::string(4000, 'n'), "g"));
  }
  EXPECT_THAT(Spool(entries), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(SpoolStreamTest, LinksOutOfTheArchiveAreRefused) {
  EXPECT_THAT(Spool({Entry(EntryType::kSymlink, "s", "../../etc/passwd")}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

// Every prefix, and every byte changed, of a good stream.
TEST(SpoolStreamTest, TheReaderBelievesNothing) {
  const std::string frames = *Spool(
      {Entry(EntryType::kFile, "f"), Entry(EntryType::kSymlink, "s", "f")});
  for (size_t size = 0; size < frames.size(); ++size) {
    EXPECT_THAT(Read(frames.substr(0, size)),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  EXPECT_THAT(Read(frames + "x"), StatusIs(absl::StatusCode::kInvalidArgument));
  for (const size_t at : {size_t{8}, size_t{16}}) {
    std::string huge = frames;
    huge[at] = '\x7f';
    archive::MemorySource source(huge);
    SpoolReader reader(source);
    auto entry = reader.Next();
    while (entry.ok() && entry->has_value()) entry = reader.Next();
    EXPECT_THAT(entry.status(), StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

}  // namespace
}  // namespace tug::tree
