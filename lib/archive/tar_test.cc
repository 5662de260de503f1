// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/archive/tar_reader.h"
#include "lib/archive/tar_writer.h"
#include "lib/archive/whiteout.h"
#include "lib/testing/status_matchers.h"

namespace tug::archive {
namespace {

std::string WriteOne(const TarEntry& entry, absl::string_view content = "") {
  StringSink sink;
  TarWriter writer(sink);
  EXPECT_THAT(writer.Begin(entry), IsOk());
  EXPECT_THAT(writer.Write(content), IsOk());
  EXPECT_THAT(writer.Finish(), IsOk());
  return sink.text;
}

absl::StatusOr<TarEntry> ReadOne(absl::string_view tar) {
  MemorySource source(tar);
  TarReader reader(source);
  absl::StatusOr<std::optional<TarEntry>> entry = reader.Next();
  if (!entry.ok()) return entry.status();
  if (!entry->has_value()) return absl::NotFoundError("empty");
  return **entry;
}

TEST(TarTest, EverythingSurvivesARoundTrip) {
  TarEntry entry;
  entry.path = absl::StrCat(std::string(200, 'd'), "/na\xcc\x88me \xff");
  entry.mode = 06755;
  entry.uid = 4'000'000'000;
  entry.gid = 100'000;
  entry.size = 5;
  entry.mtime_seconds = 1'700'000'000;
  entry.mtime_nanoseconds = 123'456'789;
  entry.xattrs["security.capability"] = std::string("\x01\x00\x00\x02", 4);
  entry.xattrs["user.a=b"] = "";
  const std::string tar = WriteOne(entry, "hello");
  MemorySource source(tar);
  TarReader reader(source);
  const auto read = reader.Next();
  ASSERT_THAT(read, IsOk());
  ASSERT_TRUE(read->has_value());
  EXPECT_EQ((*read)->path, entry.path);
  EXPECT_EQ((*read)->mode, entry.mode);
  EXPECT_EQ((*read)->uid, entry.uid);
  EXPECT_EQ((*read)->mtime_nanoseconds, entry.mtime_nanoseconds);
  EXPECT_EQ((*read)->xattrs.at("security.capability"),
            entry.xattrs["security.capability"]);
  EXPECT_THAT(reader.ReadContent(100), IsOkAndHolds("hello"));
  const auto end = reader.Next();
  ASSERT_THAT(end, IsOk());
  EXPECT_FALSE(end->has_value());
}

TEST(TarTest, LinksAndDevicesSurvive) {
  TarEntry entry;
  entry.type = EntryType::kSymlink;
  entry.path = "l";
  entry.link_target = std::string(300, 't');
  EXPECT_EQ(ReadOne(WriteOne(entry))->link_target, entry.link_target);
  entry.type = EntryType::kCharDevice;
  entry.link_target.clear();
  entry.device_major = 5;
  entry.device_minor = 2;
  const auto device = ReadOne(WriteOne(entry));
  ASSERT_THAT(device, IsOk());
  EXPECT_EQ(device->type, EntryType::kCharDevice);
  EXPECT_EQ(device->device_minor, 2u);
}

// Puts a number or text into a header and mends the checksum.
std::string Patch(std::string tar, size_t offset, absl::string_view bytes) {
  tar.replace(offset, bytes.size(), bytes.data(), bytes.size());
  tar.replace(148, 8, "        ");
  unsigned sum = 0;
  for (size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(tar[i]);
  char text[8];
  snprintf(text, sizeof(text), "%06o", sum);
  tar.replace(148, 7, std::string(text, 7));
  return tar;
}

TarEntry File(int64_t size = 0) {
  TarEntry entry;
  entry.path = "f";
  entry.size = size;
  return entry;
}

TEST(TarTest, MalformedHeadersAreRefused) {
  const std::string tar = WriteOne(File(3), "abc");
  const struct {
    const char* what;
    std::string bytes;
  } cases[] = {
      {"checksum",
       [&] {
         std::string t = tar;
         t[0] = 'g';
         return t;
       }()},
      {"unknown type", Patch(tar, 156, "Z")},
      {"size is text", Patch(tar, 124, "abcdefgh")},
      {"negative size",
       Patch(tar, 124,
             std::string("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
                         "\xff\xff",
                         12))},
      {"uid of -1",
       Patch(tar, 108, std::string("\x80\0\0\0\xff\xff\xff\xff", 8))},
      {"overflow", Patch(tar, 124, std::string("\x80\x01", 2))},
      {"cut header", tar.substr(0, 300)},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(ReadOne(c.bytes), StatusIs(absl::StatusCode::kInvalidArgument))
        << c.what;
  }
}

TEST(TarTest, AFileThatIsCutOffIsAnError) {
  const std::string tar = WriteOne(File(3), "abc").substr(0, 513);
  MemorySource source(tar);
  TarReader reader(source);
  ASSERT_THAT(reader.Next(), IsOk());
  EXPECT_THAT(reader.ReadContent(100),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(TarTest, AnArchiveWithoutEndBlocksIsWhole) {
  const std::string tar = WriteOne(File(3), "abc").substr(0, 1024);
  MemorySource source(tar);
  TarReader reader(source);
  ASSERT_TRUE(reader.Next().value().has_value());
  EXPECT_FALSE(reader.Next().value().has_value());
}

// An extended header with the given records, then a file of `size` bytes.
std::string WithPax(absl::string_view records, int64_t size,
                    absl::string_view content) {
  StringSink sink;
  TarWriter writer(sink);
  TarEntry pax = File(static_cast<int64_t>(records.size()));
  EXPECT_THAT(writer.Begin(pax), IsOk());
  EXPECT_THAT(writer.Write(records), IsOk());
  EXPECT_THAT(writer.Begin(File(size)), IsOk());
  EXPECT_THAT(writer.Write(content), IsOk());
  EXPECT_THAT(writer.Finish(), IsOk());
  return Patch(sink.text, 156, "x");
}

std::string Record(absl::string_view key, absl::string_view value) {
  for (size_t size = 1;; ++size) {
    const std::string text = absl::StrCat(size, " ", key, "=", value, "\n");
    if (text.size() == size) return text;
  }
}

std::vector<std::pair<int64_t, std::string>> Pieces(absl::string_view tar,
                                                    absl::Status& status) {
  std::vector<std::pair<int64_t, std::string>> pieces;
  MemorySource source(tar);
  TarReader reader(source);
  status = reader.Next().status();
  while (status.ok()) {
    const auto piece = reader.ReadPiece();
    status = piece.status();
    if (!piece.ok() || piece->bytes.empty()) break;
    pieces.emplace_back(piece->offset, std::string(piece->bytes));
  }
  return pieces;
}

TEST(TarTest, SparseFilesOfAllPaxFormsAreRead) {
  const std::string real = Record("GNU.sparse.size", "100");
  const std::string forms[] = {
      WithPax(real + Record("GNU.sparse.offset", "2") +
                  Record("GNU.sparse.numbytes", "2") +
                  Record("GNU.sparse.offset", "50") +
                  Record("GNU.sparse.numbytes", "1"),
              3, "abc"),
      WithPax(real + Record("GNU.sparse.map", "2,2,50,1"), 3, "abc"),
      WithPax(Record("GNU.sparse.major", "1") +
                  Record("GNU.sparse.minor", "0") +
                  Record("GNU.sparse.realsize", "100"),
              515,
              [] {
                std::string map = "2\n2\n2\n50\n1\n";
                map.resize(512, '\0');
                return map + "abc";
              }()),
  };
  for (const std::string& tar : forms) {
    absl::Status status;
    EXPECT_THAT(
        Pieces(tar, status),
        testing::ElementsAre(testing::Pair(2, "ab"), testing::Pair(50, "c")));
    EXPECT_THAT(status, IsOk());
    EXPECT_EQ(ReadOne(tar)->size, 100);
  }
}

TEST(TarTest, SparseMapsThatLieAreRefused) {
  for (const char* map : {"2,2,3,1", "99,3", "0,3,200,0", "0,2", "0,9",
                          "9223372036854775807,3"}) {
    absl::Status status;
    Pieces(WithPax(
               Record("GNU.sparse.size", "100") + Record("GNU.sparse.map", map),
               3, "abc"),
           status);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument)) << map;
  }
}

TEST(TarTest, MalformedPaxRecordsAreRefused) {
  for (const std::string& records :
       {std::string("99 a=b\n"), std::string("x a=b\n"), std::string("5 a=b"),
        std::string("4 ab\n"), std::string("-1 a=b\n"), Record("mtime", "soon"),
        Record("path", std::string("a\0b", 3)),
        Record("path", std::string(5000, 'p')), Record("uid", "4294967295"),
        Record("size", "-5")}) {
    EXPECT_THAT(ReadOne(WithPax(records, 0, "")),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << records;
  }
}

TEST(TarTest, HolesSurviveARoundTrip) {
  for (const std::string& path :
       {std::string("sparse"), std::string(200, 'd') + "/sparse"}) {
    TarEntry file;
    file.path = path;
    file.size = int64_t{5} << 40;
    file.mtime_seconds = 7;
    const std::vector<TarExtent> extents = {{0, 3}, {4096, 600}, {1 << 30, 0}};
    StringSink sink;
    TarWriter writer(sink);
    ASSERT_THAT(writer.BeginSparse(file, extents), IsOk());
    ASSERT_THAT(writer.Write("abc"), IsOk());
    ASSERT_THAT(writer.Write(std::string(600, 'x')), IsOk());
    TarEntry next;
    next.path = "next";
    ASSERT_THAT(writer.WriteFile(next, "n"), IsOk());
    ASSERT_THAT(writer.Finish(), IsOk());
    MemorySource source(sink.text);
    TarReader reader(source);
    const auto entry = reader.Next();
    ASSERT_THAT(entry, IsOk());
    EXPECT_EQ((*entry)->path, path);
    EXPECT_EQ((*entry)->size, file.size);
    EXPECT_EQ((*entry)->mtime_seconds, 7);
    const auto first = reader.ReadPiece();
    ASSERT_THAT(first, IsOk());
    EXPECT_EQ(first->offset, 0);
    EXPECT_EQ(first->bytes, "abc");
    const auto second = reader.ReadPiece();
    ASSERT_THAT(second, IsOk());
    EXPECT_EQ(second->offset, 4096);
    EXPECT_EQ(second->bytes, std::string(600, 'x'));
    EXPECT_THAT(reader.ReadPiece()->bytes, testing::IsEmpty());
    EXPECT_EQ((*reader.Next())->path, "next");
  }
}

// A header block of the type `flag`, its content and the padding.
std::string Extended(char flag, const std::string& content) {
  TarEntry entry;
  entry.path = "x";
  entry.size = static_cast<int64_t>(content.size());
  std::string tar = WriteOne(entry, content);
  tar.resize(512 + (content.size() + 511) / 512 * 512);
  tar[156] = flag;
  int sum = 0;
  for (size_t i = 0; i < 512; ++i) {
    sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(tar[i]);
  }
  const std::string digits = absl::StrFormat("%06o", sum);
  tar.replace(148, 8, digits + std::string("\0 ", 2));
  return tar;
}

std::string Repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// Issue 7, A5: endless ones before one entry grew their reader to 2.1 GB.
TEST(TarTest, ExtendedHeadersOfOneEntryAreBoundedInAll) {
  TarEntry file;
  file.path = "f";
  const std::string end = WriteOne(file);
  const std::string record = "11 k=value\n";
  std::string keys;
  for (int i = 0; i <= static_cast<int>(kMaxExtendedKeys); ++i) {
    keys += absl::StrFormat("12 k%06d=\n", i);
  }
  const struct {
    const char* name;
    std::string tar;
    bool fine;
  } cases[] = {
      {"few", Extended('x', record) + end, true},
      {"large", Extended('x', Repeat(record, 90'000)) + end, true},
      {"more", Repeat(Extended('x', Repeat(record, 900)), 200) + end, false},
      {"empty", Repeat(Extended('x', ""), 4000) + end, false},
      {"global", Repeat(Extended('g', Repeat(record, 900)), 200) + end, false},
      {"names", Repeat(Extended('L', std::string(4000, 'n')), 400) + end,
       false},
      {"keys", Extended('x', keys) + end, false},
      {"pairs",
       Repeat(Extended('x', Repeat("23 GNU.sparse.offset=0\n", 900)), 80) + end,
       false},
  };
  for (const auto& c : cases) {
    const absl::StatusOr<TarEntry> read = ReadOne(c.tar);
    if (c.fine) {
      EXPECT_THAT(read, IsOk()) << c.name;
    } else {
      EXPECT_THAT(read, StatusIs(absl::StatusCode::kInvalidArgument)) << c.name;
    }
  }
  // The budget is an entry's, not the archive's.
  const std::string one = Extended('x', Repeat(record, 60'000));
  std::string entry = WriteOne(file);
  entry.resize(512);
  const std::string two = one + entry + one + end;
  MemorySource source(two);
  TarReader reader(source);
  EXPECT_THAT(reader.Next(), IsOk());
  EXPECT_THAT(reader.Next(), IsOk());
}

TEST(WhiteoutTest, NamesAreToldApart) {
  EXPECT_EQ(ParseWhiteout("a").kind, WhiteoutKind::kNone);
  EXPECT_EQ(ParseWhiteout(".wh.a").kind, WhiteoutKind::kRemove);
  EXPECT_EQ(ParseWhiteout(".wh.a").name, "a");
  EXPECT_EQ(ParseWhiteout(".wh..wh..opq").kind, WhiteoutKind::kOpaque);
  EXPECT_EQ(ParseWhiteout(".wh..wh.plnk").kind, WhiteoutKind::kInternal);
  for (const char* name : {".wh.", ".wh..", ".wh..."}) {
    EXPECT_EQ(ParseWhiteout(name).kind, WhiteoutKind::kInvalid) << name;
  }
}

}  // namespace
}  // namespace tug::archive
