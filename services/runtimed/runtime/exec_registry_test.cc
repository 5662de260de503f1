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

}  // namespace
}  // namespace tug::runtimed
