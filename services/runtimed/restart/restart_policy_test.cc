// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/restart/restart_policy.h"

#include <gtest/gtest.h>

namespace tug::runtimed {
namespace {

struct Case {
  const char* policy;
  int64_t limit;
  int exit_code;
  bool stopped;
  int restarts;
  bool expected;
};

TEST(RestartPolicy, Decides) {
  const Case cases[] = {
      {"no", 0, 1, false, 0, false},
      {"", 0, 1, false, 0, false},
      {"always", 0, 0, false, 99, true},
      {"always", 0, 0, true, 0, false},
      {"unless-stopped", 0, 1, false, 0, true},
      {"unless-stopped", 0, 1, true, 0, false},
      {"on-failure", 0, 0, false, 0, false},
      {"on-failure", 0, 1, false, 1000, true},
      {"on-failure", 3, 1, false, 2, true},
      {"on-failure", 3, 1, false, 3, false},
  };
  for (const Case& c : cases) {
    runtime::v1::RestartPolicy policy;
    policy.set_name(c.policy);
    policy.set_maximum_retry_count(c.limit);
    EXPECT_EQ(PolicyRestarts(policy, c.exit_code, c.stopped, c.restarts),
              c.expected)
        << c.policy << " " << c.limit << " " << c.exit_code;
  }
}

TEST(RestartBackoff, DoublesToAMinuteAndStartsAfresh) {
  RestartBackoff backoff;
  const absl::Duration brief = absl::Milliseconds(1);
  EXPECT_EQ(backoff.Next("a", brief), absl::Milliseconds(100));
  EXPECT_EQ(backoff.Next("a", brief), absl::Milliseconds(200));
  EXPECT_EQ(backoff.Next("b", brief), absl::Milliseconds(100));
  for (int i = 0; i < 20; ++i) backoff.Next("a", brief);
  EXPECT_EQ(backoff.Next("a", brief), absl::Minutes(1));
  EXPECT_EQ(backoff.Next("a", absl::Seconds(11)), absl::Milliseconds(100));
  backoff.Next("a", brief);
  backoff.Forget("a");
  EXPECT_EQ(backoff.Next("a", brief), absl::Milliseconds(100));
}

}  // namespace
}  // namespace tug::runtimed
