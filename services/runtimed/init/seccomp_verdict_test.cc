// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/init/seccomp_verdict.h"

#include <linux/seccomp.h>
#include <sched.h>
#include <sys/syscall.h>

#include <cstddef>
#include <vector>

#include "gtest/gtest.h"

namespace tug::runtimed {
namespace {

constexpr uint32_t kRefused = SECCOMP_RET_ERRNO | 1;

constexpr uint16_t kLoad = BPF_LD | BPF_W | BPF_ABS;
constexpr uint16_t kEqual = BPF_JMP | BPF_JEQ | BPF_K;
constexpr uint16_t kReturn = BPF_RET | BPF_K;

// clone without new namespaces and setsid; nothing else.
std::vector<sock_filter> Narrow() {
  return {{kLoad, 0, 0, offsetof(seccomp_data, nr)},
          {kEqual, 4, 0, SYS_setsid},
          {kEqual, 0, 4, SYS_clone},
          {kLoad, 0, 0, offsetof(seccomp_data, args)},
          {BPF_ALU | BPF_AND | BPF_K, 0, 0, CLONE_NEWUSER | CLONE_NEWPID},
          {kEqual, 0, 1, 0},
          {kReturn, 0, 0, SECCOMP_RET_ALLOW},
          {kReturn, 0, 0, kRefused}};
}

uint32_t Verdict(const std::vector<sock_filter>& filter, long call,
                 uint64_t argument = 0) {
  return SeccompVerdict(filter.data(), filter.size(), call, argument, 0);
}

TEST(SeccompVerdictTest, FollowsNumbersAndArguments) {
  EXPECT_EQ(Verdict(Narrow(), SYS_setsid), SECCOMP_RET_ALLOW);
  EXPECT_EQ(Verdict(Narrow(), SYS_clone, CLONE_PARENT), SECCOMP_RET_ALLOW);
  EXPECT_EQ(Verdict(Narrow(), SYS_clone, CLONE_NEWUSER), kRefused);
  EXPECT_EQ(Verdict(Narrow(), SYS_ioctl), kRefused);
}

TEST(SeccompVerdictTest, WhatIsNotKnownIsNotAllowed) {
  for (const sock_filter& row : std::vector<sock_filter>{
           {kLoad, 0, 0, offsetof(seccomp_data, instruction_pointer)},
           {kLoad, 0, 0, offsetof(seccomp_data, args) + 16},
           {kLoad, 0, 0, 1},
           {BPF_LD | BPF_MEM, 0, 0, 0},
           {BPF_JMP | BPF_JA, 0, 0, 100}}) {
    const std::vector<sock_filter> filter = {
        row, {kReturn, 0, 0, SECCOMP_RET_ALLOW}};
    EXPECT_EQ(Verdict(filter, SYS_setsid), SECCOMP_RET_KILL_PROCESS)
        << row.code << " " << row.k;
  }
  EXPECT_EQ(Verdict({}, SYS_setsid), SECCOMP_RET_KILL_PROCESS);
}

}  // namespace
}  // namespace tug::runtimed
