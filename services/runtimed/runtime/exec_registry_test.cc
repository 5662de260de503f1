// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/runtime/exec_registry.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "lib/base/status.h"
#include "lib/kv/memory_store.h"

namespace tug::runtimed {
namespace {

runtime::v1::Exec Named(const std::string& id, const std::string& container) {
  runtime::v1::Exec exec;
  exec.set_id(id);
  exec.set_container_id(container);
  return exec;
}

TEST(ExecRegistry, SurvivesARestartUntilForgotten) {
  const auto store = kv::NewMemoryStore();
  {
    ExecRegistry registry(*store);
    ASSERT_TRUE(registry.Add(Named("aa1", "c")).ok());
    ASSERT_TRUE(registry.Add(Named("ab2", "c")).ok());
    registry.Forget("ab2");
  }
  ExecRegistry registry(*store);
  ASSERT_TRUE(registry.Load().ok());
  EXPECT_TRUE(registry.Resolve("a").ok());
  EXPECT_EQ(StatusReason(registry.Get("ab2").status()), "EXEC_UNKNOWN");
  EXPECT_EQ(registry.IdsOf("c"), std::vector<std::string>{"aa1"});
}

TEST(ExecRegistry, AwaitEndSeesCodeOrForgetting) {
  const auto store = kv::NewMemoryStore();
  ExecRegistry registry(*store);
  ASSERT_TRUE(registry.Add(Named("a", "c")).ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      registry.AwaitEnd("a", absl::Now() + absl::Milliseconds(5)).status()));
  ASSERT_TRUE(registry
                  .Update("a",
                          [](runtime::v1::Exec& exec) {
                            exec.set_exit_code(7);
                            return absl::OkStatus();
                          })
                  .ok());
  EXPECT_EQ(registry.AwaitEnd("a", absl::InfiniteFuture())->exit_code(), 7);
}

// Issue 7, A2: a health check every 20 ms with a long command.
TEST(ExecRegistry, EndedExecsMakeRoomByBytes) {
  const auto store = kv::NewMemoryStore();
  ExecRegistry registry(*store);
  const size_t fit = ExecRegistry::kOfContainer.bytes >> 20;
  for (size_t i = 0; i < 3 * fit; ++i) {
    runtime::v1::Exec exec = Named(std::to_string(i), "c");
    exec.mutable_config()->add_cmd(std::string(1 << 20, 'x'));
    ASSERT_TRUE(registry.Add(exec).ok()) << i;
    ASSERT_TRUE(registry
                    .Update(exec.id(),
                            [](runtime::v1::Exec& e) {
                              e.set_exit_code(0);
                              return absl::OkStatus();
                            })
                    .ok());
  }
  EXPECT_LE(registry.IdsOf("c").size(), fit);
  EXPECT_EQ(registry.IdsOf("c").back(), std::to_string(3 * fit - 1));
}

TEST(ExecRegistry, RunningExecsAreNotForgottenForRoom) {
  const auto store = kv::NewMemoryStore();
  ExecRegistry registry(*store);
  runtime::v1::Exec exec = Named("a", "c");
  exec.mutable_config()->add_cmd(
      std::string(ExecRegistry::kOfContainer.bytes * 3 / 4, 'x'));
  ASSERT_TRUE(registry.Add(exec).ok());
  exec.set_id("b");
  EXPECT_TRUE(absl::IsResourceExhausted(registry.Add(exec)));
  EXPECT_TRUE(registry.Get("a").ok());
  registry.Forget("a");
  EXPECT_TRUE(registry.Add(exec).ok());
}

}  // namespace
}  // namespace tug::runtimed
