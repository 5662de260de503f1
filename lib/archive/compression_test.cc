// SPDX-License-Identifier: Apache-2.0
#include "lib/archive/compression.h"

#include <zstd.h>

#include <algorithm>
#include <string>

#include "gtest/gtest.h"
#include "lib/archive/gzip.h"
#include "lib/testing/status_matchers.h"

namespace tug::archive {
namespace {

// Hands out few bytes at a time, as a network does.
class TricklingSource final : public Source {
 public:
  TricklingSource(std::string bytes, size_t step)
      : bytes_(std::move(bytes)), step_(step) {}
  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    const size_t count = std::min({size, step_, bytes_.size() - at_});
    bytes_.copy(buffer, count, at_);
    at_ += count;
    return count;
  }

 private:
  const std::string bytes_;
  const size_t step_;
  size_t at_ = 0;
};

std::string Content() {
  std::string text;
  for (int i = 0; text.size() < 300'000; ++i) text += std::to_string(i * i);
  return text;
}

std::string Gzip(absl::string_view text) {
  StringSink sink;
  GzipSink gzip(sink);
  EXPECT_THAT(gzip.Write(text), IsOk());
  EXPECT_THAT(gzip.Finish(), IsOk());
  return sink.text;
}

std::string Zstd(absl::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(
      ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

absl::StatusOr<std::string> Decompress(std::string bytes, size_t step,
                                       Compression* found = nullptr) {
  auto source = OpenDecompressed(
      std::make_unique<TricklingSource>(std::move(bytes), step), found);
  if (!source.ok()) return source.status();
  return ReadAll(**source, 10 << 20);
}

TEST(CompressionTest, EveryKindComesBackWhateverTheSteps) {
  const std::string text = Content();
  for (size_t step : {1ul, 7ul, 4096ul, 1ul << 20}) {
    if (step == 1) continue;  // Below: on a short text.
    EXPECT_EQ(Decompress(text, step).value(), text);
    EXPECT_EQ(Decompress(Gzip(text), step).value(), text);
    EXPECT_EQ(Decompress(Zstd(text), step).value(), text);
  }
  EXPECT_EQ(Decompress(Gzip("abc"), 1).value(), "abc");
  EXPECT_EQ(Decompress(Zstd("abc"), 1).value(), "abc");
  EXPECT_EQ(Decompress("", 1).value(), "");
  EXPECT_EQ(Decompress(Gzip(""), 1).value(), "");
}

TEST(CompressionTest, KindsAreTold) {
  Compression found;
  ASSERT_THAT(Decompress(Gzip("a"), 100, &found), IsOk());
  EXPECT_EQ(found, Compression::kGzip);
  ASSERT_THAT(Decompress(Zstd("a"), 100, &found), IsOk());
  EXPECT_EQ(found, Compression::kZstd);
  ASSERT_THAT(Decompress("plain", 100, &found), IsOk());
  EXPECT_EQ(found, Compression::kNone);
}

TEST(CompressionTest, MembersFollowEachOther) {
  EXPECT_EQ(Decompress(Gzip("ab") + Gzip("") + Gzip("cd"), 5).value(), "abcd");
  EXPECT_EQ(Decompress(Zstd("ab") + Zstd("cd"), 5).value(), "abcd");
  EXPECT_EQ(Decompress(Gzip("ab") + std::string(700, '\0'), 5).value(), "ab");
}

TEST(CompressionTest, DamagedDataIsRefused) {
  const std::string gzip = Gzip(Content());
  const std::string zstd = Zstd(Content());
  std::string flipped = gzip;
  flipped[flipped.size() / 2] ^= 0x40;
  std::string wrong_crc = gzip;
  wrong_crc[wrong_crc.size() - 6] ^= 1;
  for (const std::string& bytes :
       {gzip.substr(0, gzip.size() / 2), gzip.substr(0, gzip.size() - 3),
        flipped, wrong_crc, gzip + "garbage", zstd.substr(0, zstd.size() / 2),
        zstd + "garbage"}) {
    EXPECT_THAT(Decompress(bytes, 4096),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

}  // namespace
}  // namespace tug::archive
