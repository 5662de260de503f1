// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>

#include "lib/kernel/bpf_interpreter.h"
#include "lib/kernel/capability.h"
#include "lib/kernel/seccomp_compile.h"
#include "lib/kernel/signal_name.h"

namespace tug::kernel {
namespace {

TEST(Signals, NamesAndNumbers) {
  struct Row {
    const char* text;
    int number;  // 0: refused
  };
  for (const Row& row :
       {Row{"SIGTERM", 15}, Row{"term", 15}, Row{"9", 9}, Row{"SIGRTMIN+3", 37},
        Row{"RTMAX-1", 63}, Row{"", 0}, Row{"0", 0}, Row{"-1", 0}, Row{"65", 0},
        Row{"SIGNOPE", 0}, Row{"RTMIN+31", 0}, Row{"RTMAX--1", 0}}) {
    const auto parsed = ParseSignal(row.text);
    EXPECT_EQ(parsed.ok() ? *parsed : 0, row.number) << row.text;
  }
}

TEST(Capabilities, AnyCaseWithAndWithoutPrefix) {
  EXPECT_EQ(CapabilityNumber("CAP_SYS_ADMIN"), 21);
  EXPECT_EQ(CapabilityNumber("net_raw"), 13);
  EXPECT_EQ(CapabilityNumber("cap_checkpoint_restore"), 40);
  EXPECT_FALSE(CapabilityNumber("ALL").has_value());
  EXPECT_FALSE(CapabilityNumber("").has_value());
  EXPECT_EQ(CapabilityName(0), "CAP_CHOWN");
}

TEST(Seccomp, CompilesNamesArgumentsAndNewerCalls) {
  SeccompPolicy policy;
  policy.rules.push_back(
      {{"read", "fchmodat2", "statmount", "no_such_call"}, {}, 0, {}});
  SeccompRule socket = {{"socket"}, SeccompAction::kAllow, 0, {}};
  socket.arguments.push_back({0, SeccompCompare::kEqual, 2, 0});
  policy.rules.push_back(socket);
  policy.rules.push_back({{"clone3"}, SeccompAction::kErrno, ENOSYS, {}});
  const auto code = CompileSeccomp(policy);
  ASSERT_TRUE(code.ok()) << code.status();
  const auto verdict = [&](uint32_t number, uint64_t first = 0) {
    return InterpretSeccomp(*code, NativeSeccompData(number, {first}));
  };
  constexpr uint32_t kDenied = SECCOMP_RET_ERRNO | EPERM;
  EXPECT_EQ(verdict(SYS_read), uint32_t{SECCOMP_RET_ALLOW});
  EXPECT_EQ(verdict(SYS_write), kDenied);
  EXPECT_EQ(verdict(SYS_socket, 2), uint32_t{SECCOMP_RET_ALLOW});
  EXPECT_EQ(verdict(SYS_socket, 38), kDenied);
  EXPECT_EQ(verdict(SYS_clone3), SECCOMP_RET_ERRNO | uint32_t{ENOSYS});
  EXPECT_EQ(verdict(452), uint32_t{SECCOMP_RET_ALLOW});
  EXPECT_EQ(verdict(451), kDenied);
  // Issue 7, A18: what nobody has reviewed is absent, whatever names it.
  for (uint32_t number = 457; number <= 470; ++number) {
    EXPECT_EQ(verdict(number), SECCOMP_RET_ERRNO | uint32_t{ENOSYS}) << number;
  }
}

TEST(Seccomp, KeepsProhibitionsOfNewCalls) {
  SeccompPolicy policy;
  policy.default_action = SeccompAction::kAllow;
  policy.rules.push_back({{"mseal"}, SeccompAction::kErrno, EACCES, {}});
  const auto code = CompileSeccomp(policy);
  ASSERT_TRUE(code.ok()) << code.status();
  const auto verdict = [&](uint32_t number) {
    return InterpretSeccomp(*code, NativeSeccompData(number, {0}));
  };
  EXPECT_EQ(verdict(462), SECCOMP_RET_ERRNO | uint32_t{EACCES});
  EXPECT_EQ(verdict(461), uint32_t{SECCOMP_RET_ALLOW});
  EXPECT_EQ(verdict(470), uint32_t{SECCOMP_RET_ALLOW});
}

}  // namespace
}  // namespace tug::kernel
