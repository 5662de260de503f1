// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/sessions/session_table.h"

#include "gtest/gtest.h"
#include "lib/base/status.h"

namespace tug::registryd {
namespace {

class FakeClock final : public Clock {
 public:
  absl::Time Now() override { return now; }
  absl::Time now = absl::FromUnixSeconds(1000);
};

TEST(SessionTableTest, ExpiresAnHourAfterLastUse) {
  FakeClock clock;
  SessionTable table(clock);
  const std::string session = *table.Open("docker.io", {}, {});
  clock.now += absl::Minutes(59);
  EXPECT_TRUE(table.Find(session).ok());
  clock.now += absl::Minutes(59);
  EXPECT_TRUE(table.Find(session).ok());
  clock.now += absl::Minutes(61);
  EXPECT_EQ(StatusReason(table.Find(session).status()), "SESSION_UNKNOWN");
}

TEST(SessionTableTest, NamesAreLongAndDifferent) {
  FakeClock clock;
  SessionTable table(clock);
  const std::string a = *table.Open("h", {}, {});
  EXPECT_EQ(a.size(), 32u);
  EXPECT_NE(a, *table.Open("h", {}, {}));
}

TEST(SessionTableTest, CloseIsIdempotent) {
  FakeClock clock;
  SessionTable table(clock);
  const std::string session = *table.Open("h", {}, {});
  table.Close(session);
  table.Close(session);
  EXPECT_FALSE(table.Find(session).ok());
}

TEST(SessionTableTest, ForwardsMetaHeadersOnly) {
  FakeClock clock;
  SessionTable table(clock);
  EXPECT_TRUE(table.Open("h", {}, {{"X-Meta-A", "b"}}).ok());
  EXPECT_FALSE(table.Open("h", {}, {{"Authorization", "b"}}).ok());
  EXPECT_FALSE(table.Open("h", {}, {{"X-Meta-A", "b\r\nHost: x"}}).ok());
  EXPECT_FALSE(table.Open("h", {.registry_token = "a\r\nb"}, {}).ok());
}

TEST(SessionTableTest, IsBounded) {
  FakeClock clock;
  SessionTable table(clock);
  for (size_t i = 0; i < kMaxSessions; ++i) {
    ASSERT_TRUE(table.Open("h", {}, {}).ok());
  }
  EXPECT_EQ(table.Open("h", {}, {}).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace tug::registryd
