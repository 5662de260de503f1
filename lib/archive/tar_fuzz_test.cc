// SPDX-License-Identifier: Apache-2.0
//
// Replays archives of every kind with each header byte changed in turn.
#include <cstdint>
#include <cstdio>
#include <string>

#include "gtest/gtest.h"
#include "lib/archive/gzip.h"
#include "lib/archive/tar_writer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace tug::archive {
namespace {

void Feed(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()),
                         input.size());
}

std::string Seed() {
  StringSink sink;
  TarWriter writer(sink);
  TarEntry entry;
  entry.path = std::string(120, 'p');
  entry.mtime_nanoseconds = 5;
  entry.xattrs["user.x"] = "y";
  entry.xattrs["GNU"] = "1";
  EXPECT_TRUE(writer.WriteFile(entry, "content").ok());
  entry.type = EntryType::kHardLink;
  entry.link_target = "q";
  EXPECT_TRUE(writer.Begin(entry).ok());
  EXPECT_TRUE(writer.Finish().ok());
  return sink.text;
}

void MendChecksum(std::string& tar, size_t block) {
  tar.replace(block + 148, 8, "        ");
  unsigned sum = 0;
  for (size_t i = 0; i < 512; ++i) {
    sum += static_cast<unsigned char>(tar[block + i]);
  }
  char text[8];
  snprintf(text, sizeof(text), "%06o", sum);
  tar.replace(block + 148, 7, std::string(text, 7));
}

TEST(TarFuzzTest, ChangedBytesDoNotCrash) {
  const std::string seed = Seed();
  for (size_t i = 0; i < seed.size(); ++i) {
    for (char change : {'\x01', '\x80', '\x53', '\xff'}) {
      std::string changed = seed;
      changed[i] = static_cast<char>(changed[i] ^ change);
      Feed(changed);
      const size_t block = i / 512 * 512;
      MendChecksum(changed, block);
      Feed(changed);
    }
  }
}

TEST(TarFuzzTest, CutAndCompressedInputDoesNotCrash) {
  StringSink sink;
  GzipSink gzip(sink);
  ASSERT_TRUE(gzip.Write(Seed()).ok());
  ASSERT_TRUE(gzip.Finish().ok());
  for (size_t i = 0; i < sink.text.size(); ++i) {
    Feed(sink.text.substr(0, i));
    std::string changed = sink.text;
    changed[i] = static_cast<char>(changed[i] ^ 0x11);
    Feed(changed);
  }
}

}  // namespace
}  // namespace tug::archive
