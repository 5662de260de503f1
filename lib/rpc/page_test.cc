// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/page.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/rpc/limits.h"
#include "lib/testing/status_matchers.h"
#include "proto/tug/event/v1/event.pb.h"

namespace tug::rpc {
namespace {

using event::v1::Event;
using Elements = google::protobuf::RepeatedPtrField<Event>;

static_assert(kPageBytes + kMaxPageElementBytes < size_t{kMaxMessageBytes});

struct Request {
  int size = 0;
  std::string token;
  int page_size() const { return size; }
  const std::string& page_token() const { return token; }
};

Event Sized(size_t bytes) {
  Event event;
  event.set_action(std::string(bytes, 'x'));
  return event;
}

// The sizes of the pages by which a list of these elements is read.
std::vector<int> PageSizes(int count, size_t bytes, int size) {
  std::vector<int> sizes;
  Request request = {.size = size};
  do {
    Elements elements;
    std::string next;
    auto page = OpenPage(request, &elements, &next);
    if (!page.ok()) return {};
    for (int i = 0; i < count; ++i) {
      const std::string key = std::to_string(1000 + i);
      if (key > page->after() && !page->Add(key, Sized(bytes))) break;
    }
    sizes.push_back(elements.size());
    request.token = next;
  } while (!request.token.empty());
  return sizes;
}

TEST(PageTest, ClosesByNumber) {
  EXPECT_EQ(PageSizes(5, 1, 2), (std::vector<int>{2, 2, 1}));
  EXPECT_EQ(PageSizes(4, 1, 2), (std::vector<int>{2, 2}));
  EXPECT_EQ(PageSizes(0, 1, 2), (std::vector<int>{0}));
}

// Issue 7, A3: five records of 3.9 MB made every list fail for ever.
TEST(PageTest, ClosesByBytes) {
  EXPECT_EQ(PageSizes(5, 3'900'000, 0), (std::vector<int>{2, 2, 1}));
  EXPECT_EQ(PageSizes(3, kMaxPageElementBytes - 100, 0),
            (std::vector<int>{1, 1, 1}));
}

TEST(PageTest, ARecordLargerThanAMessageIsShortened) {
  Elements elements;
  std::string next;
  auto page = OpenPage(Request(), &elements, &next);
  ASSERT_THAT(page, IsOk());
  const auto shorten = [](Event& event) { event.clear_action(); };
  EXPECT_TRUE(page->Add("a", Sized(20 << 20), shorten));
  EXPECT_TRUE(page->Add("b", Sized(10), shorten));
  EXPECT_EQ(elements[0].action(), "");
  EXPECT_EQ(elements[1].action().size(), 10u);
}

TEST(PageTest, ForeignTokensAndSizesAreRefused) {
  Elements elements;
  std::string next;
  EXPECT_THAT(OpenPage(Request{.size = -1}, &elements, &next),
              HasReason("PAGE_SIZE_INVALID"));
  EXPECT_THAT(OpenPage(Request{.token = "!"}, &elements, &next),
              HasReason("PAGE_TOKEN_INVALID"));
}

}  // namespace
}  // namespace tug::rpc
