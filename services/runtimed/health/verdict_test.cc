// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/health/verdict.h"

#include <gtest/gtest.h>

namespace tug::runtimed {
namespace {

bool Apply(int exit_code, bool starting, runtime::v1::Health& health) {
  runtime::v1::HealthResult result;
  result.set_exit_code(exit_code);
  return ApplyResult(result, /*retries=*/2, starting, health);
}

TEST(Verdict, FailuresInARowMakeItUnhealthy) {
  runtime::v1::Health health;
  health.set_state("starting");
  EXPECT_FALSE(Apply(1, false, health));
  EXPECT_TRUE(Apply(1, false, health));
  EXPECT_EQ(health.state(), "unhealthy");
  EXPECT_TRUE(Apply(0, false, health));
  EXPECT_EQ(health.state(), "healthy");
  EXPECT_EQ(health.failing_streak(), 0);
}

TEST(Verdict, FailuresWhileStartingDoNotCount) {
  runtime::v1::Health health;
  health.set_state("starting");
  for (int i = 0; i < 9; ++i) EXPECT_FALSE(Apply(1, true, health));
  EXPECT_EQ(health.failing_streak(), 0);
  EXPECT_EQ(health.log_size(), kKeptResults);
  // Once it was healthy, they do.
  EXPECT_TRUE(Apply(0, true, health));
  EXPECT_FALSE(Apply(1, true, health));
  EXPECT_TRUE(Apply(1, true, health));
}

// Protobuf refuses a message with a string that is not UTF-8: one such probe
// broke every list of containers.
TEST(Verdict, OutputOfAnyBytesIsKeptAsText) {
  runtime::v1::HealthResult result;
  result.set_output(std::string(3 * kKeptOutput, '\xff'));
  runtime::v1::Health health;
  ApplyResult(result, 1, false, health);
  EXPECT_EQ(health.log(0).output(), std::string(kKeptOutput, '?'));
}

TEST(Verdict, CommandsAndDefaults) {
  runtime::v1::Config config;
  EXPECT_FALSE(HasProbe(config));
  auto* test = config.mutable_healthcheck()->mutable_test();
  test->add_values("NONE");
  EXPECT_FALSE(HasProbe(config));
  test->set_values(0, "CMD-SHELL");
  test->add_values("true || false");
  EXPECT_TRUE(HasProbe(config));
  EXPECT_EQ(ProbeCommand(config),
            (std::vector<std::string>{"/bin/sh", "-c", "true || false"}));
  EXPECT_EQ(PlanOf(config.healthcheck()).retries, 3);
  EXPECT_EQ(PlanOf(config.healthcheck()).interval, absl::Seconds(30));
}

}  // namespace
}  // namespace tug::runtimed
