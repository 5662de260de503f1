// SPDX-License-Identifier: Apache-2.0
#include "lib/cgroup/cgroup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>

#include "lib/cgroup/cpu.h"
#include "lib/cgroup/devices.h"
#include "lib/cgroup/io.h"
#include "lib/cgroup/mounted.h"

namespace tug::cgroup {
namespace {

using ::testing::ElementsAre;

TEST(CgroupPath, RefusesEscapes) {
  EXPECT_TRUE(CheckCgroupPath("tug/4f1c").ok());
  EXPECT_TRUE(CheckCgroupPath("a.slice/b:c-d_e").ok());
  for (const char* bad : {"", "/tug", "tug/", "tug//x", "tug/../x", "..",
                          "tug/./x", "tug/a b", "tug/a\nb"}) {
    EXPECT_FALSE(CheckCgroupPath(bad).ok()) << bad;
  }
}

TEST(MountedHierarchies, ReadsHybrid) {
  const auto mounted = ParseMountedHierarchies(
      "30 25 0:26 / /sys/fs/cgroup rw - tmpfs cgroup rw\n"
      "31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw shared:1 - cgroup cgroup "
      "rw,cpu,cpuacct\n"
      "32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup "
      "rw,xattr,name=systemd\n"
      "33 30 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup rw\n"
      "34 30 0:27 /x /elsewhere rw - cgroup cgroup rw,cpu,cpuacct\n");
  ASSERT_EQ(mounted.size(), 3u);
  EXPECT_THAT(mounted[0].controllers, ElementsAre("cpu", "cpuacct"));
  EXPECT_THAT(mounted[1].controllers, ElementsAre("name=systemd"));
  EXPECT_TRUE(mounted[2].v2);
}

TEST(DeviceRule, ParsesAndFormats) {
  for (const char* text : {"c 1:3 rwm", "b 8:* r", "c *:* m", "a *:* rwm"}) {
    const auto rule = ParseDeviceRule(text);
    ASSERT_TRUE(rule.ok()) << text;
    EXPECT_EQ(FormatDeviceRule(*rule), text);
  }
  for (const char* bad : {"", "c 1:3", "x 1:3 r", "c 1 r", "c 1:3 q",
                          "c -1:3 r", "c 1:3  r", "c 1:3 rwmr"}) {
    EXPECT_FALSE(ParseDeviceRule(bad).ok()) << bad;
  }
}

// What the kernel's interpreter would answer for one access.
uint64_t Interpret(const std::vector<bpf_insn>& code, uint32_t type,
                   uint32_t access, uint32_t major, uint32_t minor) {
  uint64_t reg[11] = {};
  const uint32_t context[3] = {(access << 16) | type, major, minor};
  for (size_t pc = 0; pc < code.size(); ++pc) {
    const bpf_insn& i = code[pc];
    const uint64_t operand = BPF_SRC(i.code) == BPF_X
                                 ? reg[i.src_reg]
                                 : static_cast<uint32_t>(i.imm);
    switch (i.code) {
      case BPF_LDX | BPF_MEM | BPF_W:
        reg[i.dst_reg] = context[i.off / 4];
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        reg[i.dst_reg] = static_cast<uint32_t>(reg[i.dst_reg] & operand);
        break;
      case BPF_ALU | BPF_RSH | BPF_K:
        reg[i.dst_reg] >>= operand;
        break;
      case BPF_ALU | BPF_MOV | BPF_X:
      case BPF_ALU64 | BPF_MOV | BPF_K:
        reg[i.dst_reg] = operand;
        break;
      case BPF_JMP | BPF_JNE | BPF_K:
        if (reg[i.dst_reg] != operand) pc += i.off;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        if (reg[i.dst_reg] == operand) pc += i.off;
        break;
      case BPF_JMP | BPF_EXIT:
        return reg[0];
      default:
        ADD_FAILURE() << "unexpected instruction " << int{i.code};
        return 99;
    }
  }
  ADD_FAILURE() << "ran off the end";
  return 99;
}

TEST(DeviceFilter, LastMatchWins) {
  std::vector<DeviceRule> rules;
  DeviceRule none;
  none.allow = false;
  rules.push_back(none);
  rules.push_back(*ParseDeviceRule("c *:* m"));
  rules.push_back(*ParseDeviceRule("c 1:3 rwm"));
  DeviceRule fuse = *ParseDeviceRule("c 10:229 rwm");
  fuse.allow = false;
  rules.push_back(fuse);
  const auto code = CompileDeviceFilter(rules);
  constexpr uint32_t kChar = BPF_DEVCG_DEV_CHAR;
  constexpr uint32_t kRead = BPF_DEVCG_ACC_READ;
  constexpr uint32_t kMake = BPF_DEVCG_ACC_MKNOD;
  EXPECT_EQ(Interpret(code, kChar, kRead, 1, 3), 1u);
  EXPECT_EQ(Interpret(code, kChar, kRead, 1, 4), 0u);
  EXPECT_EQ(Interpret(code, kChar, kMake, 7, 7), 1u);
  EXPECT_EQ(Interpret(code, kChar, kMake | kRead, 7, 7), 0u);
  EXPECT_EQ(Interpret(code, kChar, kMake, 10, 229), 0u);
  EXPECT_EQ(Interpret(code, BPF_DEVCG_DEV_BLOCK, kMake, 8, 0), 0u);
}

TEST(Weights, FollowTheConversionOfOtherRuntimes) {
  EXPECT_EQ(WeightOfShares(2), 1);
  EXPECT_EQ(WeightOfShares(1024), 39);
  EXPECT_EQ(WeightOfShares(262144), 10000);
  EXPECT_EQ(IoWeightOfBlkio(10), 1u);
  EXPECT_EQ(IoWeightOfBlkio(1000), 10000u);
}

}  // namespace
}  // namespace tug::cgroup
