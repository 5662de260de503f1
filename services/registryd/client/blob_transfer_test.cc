// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/blob_transfer.h"

#include "gtest/gtest.h"

namespace tug::registryd {
namespace {

class StringSink final : public BlobSink {
 public:
  absl::Status OnStart(int64_t size) override {
    ++starts;
    told = size;
    return absl::OkStatus();
  }
  absl::Status OnBytes(absl::string_view bytes) override {
    text.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  }

  int starts = 0;
  int64_t told = 0;
  std::string text;
};

HttpResult Broken() {
  HttpResult result;
  result.failure = Failure::kBroken;
  result.error = absl::UnavailableError("broken");
  return result;
}

HttpResult Answer(int status) {
  HttpResult result;
  result.status = status;
  return result;
}

TEST(BlobTransferTest, ResumesByRange) {
  StringSink sink;
  BlobRequest request;
  request.size = 10;
  BlobTransfer transfer(request, sink);
  HttpRequest first;
  transfer.Prepare(first);
  EXPECT_TRUE(first.headers.empty());
  ASSERT_TRUE(first.on_head(200, {{"content-length", "10"}}).ok());
  ASSERT_TRUE(first.on_body("01234").ok());
  EXPECT_FALSE(transfer.complete(Broken()));
  EXPECT_TRUE(transfer.TakeProgress());
  HttpRequest second;
  transfer.Prepare(second);
  ASSERT_EQ(second.headers.size(), 1u);
  EXPECT_EQ(second.headers[0].second, "bytes=5-");
  ASSERT_TRUE(second.on_head(206, {{"content-range", "bytes 5-9/10"}}).ok());
  ASSERT_TRUE(second.on_body("56789").ok());
  EXPECT_TRUE(transfer.complete(Answer(206)));
  EXPECT_EQ(sink.text, "0123456789");
  EXPECT_EQ(sink.starts, 1);
  EXPECT_EQ(sink.told, 10);
}

TEST(BlobTransferTest, DropsWhatAServerWithoutRangesRepeats) {
  StringSink sink;
  BlobRequest request;
  request.offset = 4;
  BlobTransfer transfer(request, sink);
  HttpRequest http;
  transfer.Prepare(http);
  ASSERT_TRUE(http.on_head(200, {{"content-length", "6"}}).ok());
  ASSERT_TRUE(http.on_body("012").ok());
  ASSERT_TRUE(http.on_body("345").ok());
  EXPECT_TRUE(transfer.complete(Answer(200)));
  EXPECT_EQ(sink.text, "45");
}

TEST(BlobTransferTest, WrongRangeOrSizeIsRefused) {
  StringSink sink;
  BlobRequest request;
  request.offset = 4;
  request.size = 10;
  BlobTransfer transfer(request, sink);
  HttpRequest http;
  transfer.Prepare(http);
  EXPECT_FALSE(http.on_head(206, {{"content-range", "bytes 3-9/10"}}).ok());
  EXPECT_FALSE(http.on_head(206, {{"content-range", "bytes 4-9/11"}}).ok());
  EXPECT_FALSE(http.on_head(206, {}).ok());
  ASSERT_TRUE(http.on_head(206, {{"content-range", "bytes 4-9/*"}}).ok());
  EXPECT_FALSE(http.on_body("4567890").ok());
  EXPECT_EQ(sink.text, "");
}

}  // namespace
}  // namespace tug::registryd
