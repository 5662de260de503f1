// SPDX-License-Identifier: Apache-2.0
#include "lib/base/thread.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace tug {
namespace {

TEST(ThreadTest, RunsAMoveOnlyBodyAndIsJoinedAtDestruction) {
  int seen = 0;
  {
    auto value = std::make_unique<int>(7);
    absl::StatusOr<Thread> thread =
        Thread::Start([&seen, value = std::move(value)] { seen = *value; });
    ASSERT_TRUE(thread.ok()) << thread.status();
    EXPECT_TRUE(thread->joinable());
  }
  EXPECT_EQ(seen, 7);
}

TEST(ThreadTest, AMovedThreadIsJoinedOnce) {
  bool done = false;
  absl::StatusOr<Thread> started = Thread::Start([&] { done = true; });
  ASSERT_TRUE(started.ok()) << started.status();
  Thread owner;
  owner = *std::move(started);
  EXPECT_FALSE(started->joinable());
  owner.Join();
  owner.Join();
  EXPECT_TRUE(done);
}

TEST(ThreadTest, ADetachedBodyRuns) {
  absl::Notification ran;
  ASSERT_TRUE(StartDetached([&] { ran.Notify(); }).ok());
  ran.WaitForNotification();
}

// Starts threads that stay until there is no room for another stack.
bool EndsInResourceExhausted() {
  constexpr int kMany = 1000;
  const rlimit none = {1, 1};
  if (::setrlimit(RLIMIT_AS, &none) != 0) return false;
  for (int i = 0; i < kMany; ++i) {
    const absl::Status started = StartDetached([] { ::pause(); });
    if (!started.ok()) return absl::IsResourceExhausted(started);
  }
  return false;
}

// In a child, so that its address space alone is limited.
TEST(ThreadTest, NoMoreThreadsIsAnErrorNotTheEnd) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(EndsInResourceExhausted() ? 0 : 1);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace tug
