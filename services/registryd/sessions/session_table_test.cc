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
  for (size_t i = 0; i < kSessions.count; ++i) {
    ASSERT_TRUE(table.Open("h", {}, {}).ok());
  }
  EXPECT_EQ(table.Open("h", {}, {}).status().code(),
            absl::StatusCode::kResourceExhausted);
}

// Issue 7, A2: 4,096 sessions with the largest secrets were 800 MB.
TEST(SessionTableTest, IsBoundedInBytes) {
  FakeClock clock;
  SessionTable table(clock);
  const Credentials large = {.password = std::string(kMaxSecretBytes, 'x')};
  std::string last;
  for (size_t i = 0; i < kSessions.bytes / kMaxSecretBytes; ++i) {
    const auto session = table.Open("h", large, {});
    ASSERT_TRUE(session.ok());
    last = *session;
  }
  EXPECT_EQ(table.Open("h", large, {}).status().code(),
            absl::StatusCode::kResourceExhausted);
  table.Close(last);
  EXPECT_TRUE(table.Open("h", large, {}).ok());
}

TEST(IdentityTest, GrantsAreBoundedInBytes) {
  Identity identity("h", {}, {});
  const absl::Time later = absl::UnixEpoch() + absl::Hours(1);
  const auto known = [&](const std::string& key) {
    return !identity.Authorization(key, absl::UnixEpoch()).empty();
  };
  identity.Remember("long", std::string(kMaxRememberedToken + 1, 'x'), later);
  EXPECT_FALSE(known("long"));
  size_t kept = 0;
  for (int i = 0; i < 100; ++i) {
    identity.Remember(std::to_string(i), std::string(30'000, 'x'), later);
  }
  for (int i = 0; i < 100; ++i) kept += known(std::to_string(i)) ? 30'000 : 0;
  EXPECT_TRUE(known("99"));
  EXPECT_LE(kept, kAuthorizations.bytes);
}

}  // namespace
}  // namespace tug::registryd
