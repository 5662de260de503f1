// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/init/launch_plan.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <cstring>
#include <functional>
#include <random>

#include "services/runtimed/init/launch_plan_builder.h"
#include "services/runtimed/init/launch_plan_fuzz.h"

namespace tug::runtimed {
namespace {

LaunchSpec GoodSpec() {
  LaunchSpec spec;
  spec.argv = {"sh", "-c", ""};
  spec.environment = {"PATH=/bin", "EMPTY="};
  spec.user = "user:group";
  spec.new_namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS;
  spec.hostname = "box";
  spec.joins = {{CLONE_NEWNET, 5}};
  spec.root_directory = "/layers";
  spec.lower = {"l/2", "l/1"};
  spec.upper = "s/1/u";
  spec.work = "s/1/w";
  spec.socket_path = "/run/shim.sock";
  spec.exit_record_path = "/run/exit";
  spec.masked_paths = {"/proc/kcore"};
  spec.sysctls = {{"net.ipv4.ip_forward", "1"}};
  spec.seccomp = {{6, 0, 0, 0x7fff0000}};
  spec.rlimits = {{7, 0, 10, 20}};
  MountSpec mount;
  mount.source = "/host";
  mount.target = "/inside";
  spec.mounts = {mount};
  DeviceSpec device;
  device.path = "/dev/null";
  spec.devices = {device};
  spec.cgroup_tasks = {"/sys/fs/cgroup/pids/x/tasks"};
  spec.cgroup_mounts = {{"pids", "/sys/fs/cgroup/pids/x"}};
  return spec;
}

LaunchSpec GoodExec() {
  LaunchSpec spec;
  spec.kind = PlanKind::kExec;
  spec.argv = {"true"};
  return spec;
}

long ParseSpec(const LaunchSpec& spec) {
  const std::vector<uint64_t> words = SerializePlan(spec);
  PlanView view;
  return PlanView::Parse(words.data(), words.size() * 8, &view);
}

TEST(LaunchPlanTest, KeepsWhatWasWritten) {
  const std::vector<uint64_t> words = SerializePlan(GoodSpec());
  PlanView view;
  ASSERT_EQ(PlanView::Parse(words.data(), words.size() * 8, &view), 0);
  ASSERT_EQ(view->argv.count, 3u);
  EXPECT_STREQ(view.TextAt(view->argv, 1), "-c");
  EXPECT_STREQ(view.TextAt(view->argv, 2), "");
  EXPECT_STREQ(view.Text(view->user), "user:group");
  EXPECT_FALSE(PlanView::Present(view->domainname));
  EXPECT_STREQ(view.Text(view->domainname), "");
  const auto& mount = view.At<PlanMount>(view->mounts, 0);
  EXPECT_STREQ(view.Text(mount.source), "/host");
  EXPECT_STREQ(view.Text(view.At<PlanSysctl>(view->sysctls, 0).path),
               "net/ipv4/ip_forward");
}

struct BadCase {
  const char* name;
  std::function<void(LaunchSpec&)> spoil;
};
class BadPlanTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadPlanTest, IsRefused) {
  LaunchSpec spec = GoodSpec();
  ASSERT_EQ(ParseSpec(spec), 0);
  GetParam().spoil(spec);
  EXPECT_LT(ParseSpec(spec), 0);
}

const BadCase kBadCases[] = {
    {"NoProgram", [](LaunchSpec& s) { s.argv.clear(); }},
    {"RelativeCwd", [](LaunchSpec& s) { s.cwd = "x"; }},
    {"RelativeTarget", [](LaunchSpec& s) { s.mounts[0].target = "x"; }},
    {"BindWithoutSource", [](LaunchSpec& s) { s.mounts[0].source = ""; }},
    {"LayerWithDots", [](LaunchSpec& s) { s.lower = {"l/../../etc"}; }},
    {"AbsoluteLayer", [](LaunchSpec& s) { s.lower = {"/etc"}; }},
    {"LayerWithColon", [](LaunchSpec& s) { s.lower = {"l:1"}; }},
    {"LowerWithoutUpper", [](LaunchSpec& s) { s.upper = ""; }},
    {"SysctlWithDots",
     [](LaunchSpec& s) {
       s.sysctls = {{"net/../../self/mem", "1"}};
     }},
    {"UserNamespace", [](LaunchSpec& s) { s.new_namespaces |= CLONE_NEWUSER; }},
    {"NoMountNamespace",
     [](LaunchSpec& s) { s.new_namespaces = CLONE_NEWUTS; }},
    {"HostnameOfHost", [](LaunchSpec& s) { s.new_namespaces = CLONE_NEWNS; }},
    {"JoinOfReservedFd", [](LaunchSpec& s) { s.joins[0].fd = 3; }},
    {"JoinAndNew", [](LaunchSpec& s) { s.new_namespaces |= CLONE_NEWNET; }},
    {"UnknownFlag", [](LaunchSpec& s) { s.flags = uint64_t{1} << 40; }},
    {"PermittedBeyondBounding",
     [](LaunchSpec& s) { s.permitted_capabilities = 1; }},
    {"SoftAboveHard", [](LaunchSpec& s) { s.rlimits[0].soft = 30; }},
    {"DeviceType", [](LaunchSpec& s) { s.devices[0].type = 'x'; }},
    {"CgroupName", [](LaunchSpec& s) { s.cgroup_mounts[0].name = "../x"; }},
    {"TooManyMounts",
     [](LaunchSpec& s) { s.mounts.resize(kMaxPlanMounts + 1, s.mounts[0]); }},
    {"HugeArgument",
     [](LaunchSpec& s) { s.argv.push_back(std::string(200000, 'x')); }},
    {"LogWithoutPath",
     [](LaunchSpec& s) { s.log_type = PlanLogType::kJsonFile; }},
};
INSTANTIATE_TEST_SUITE_P(All, BadPlanTest, testing::ValuesIn(kBadCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(LaunchPlanTest, RefusesOtherVersionsAndShortBlocks) {
  std::vector<uint64_t> words = SerializePlan(GoodSpec());
  PlanView view;
  EXPECT_EQ(PlanView::Parse(words.data(), sizeof(LaunchPlan) - 1, &view),
            -EINVAL);
  EXPECT_EQ(PlanView::Parse(words.data(), sizeof(LaunchPlan) + 8, &view),
            -EINVAL);
  reinterpret_cast<LaunchPlan*>(words.data())->version = kPlanVersion + 1;
  EXPECT_EQ(PlanView::Parse(words.data(), words.size() * 8, &view), -EPROTO);
}

TEST(LaunchPlanTest, ExecsSayNothingAboutMounts) {
  EXPECT_EQ(ParseSpec(GoodExec()), 0);
  std::vector<uint64_t> words = SerializePlan(GoodSpec());
  reinterpret_cast<LaunchPlan*>(words.data())->kind = PlanKind::kExec;
  PlanView view;
  EXPECT_EQ(PlanView::Parse(words.data(), words.size() * 8, &view), -EINVAL);
}

TEST(LaunchPlanTest, SurvivesAnyBytes) {
  std::mt19937 random(1);
  for (const LaunchSpec& spec : {GoodSpec(), GoodExec()}) {
    const std::vector<uint64_t> words = SerializePlan(spec);
    const size_t size = words.size() * 8;
    for (int round = 0; round < 20000; ++round) {
      std::vector<uint8_t> bytes(size);
      memcpy(bytes.data(), words.data(), size);
      const int changes = 1 + static_cast<int>(random() % 4);
      for (int i = 0; i < changes; ++i) {
        // Offsets and counts lie at the start: that is where it hurts.
        const size_t at =
            random() % (random() % 2 != 0 ? size : sizeof(LaunchPlan));
        bytes[at] = static_cast<uint8_t>(random() % 3 == 0 ? 0xff : random());
      }
      LLVMFuzzerTestOneInput(bytes.data(), size - random() % 16);
    }
  }
}

TEST(LaunchPlanBuilderTest, SysctlKeysHaveTwoForms) {
  EXPECT_EQ(SysctlPath("net.ipv4.ip_forward"), "net/ipv4/ip_forward");
  EXPECT_EQ(SysctlPath("net/ipv4/conf/eth0.1/forwarding"),
            "net/ipv4/conf/eth0.1/forwarding");
  EXPECT_EQ(SysctlPath("net.ipv4.conf.eth0/1.forwarding"),
            "net/ipv4/conf/eth0.1/forwarding");
}

TEST(LaunchPlanBuilderTest, RunsUnderInit) {
  LaunchSpec spec = GoodSpec();
  RunUnderInit("/usr/bin/tini-static", &spec);
  EXPECT_EQ(spec.argv[0], "/sbin/docker-init");
  EXPECT_EQ(spec.argv[1], "--");
  EXPECT_EQ(spec.mounts.back().source, "/usr/bin/tini-static");
  EXPECT_EQ(spec.mounts.back().flags, kMountPrivateCopy);
}

TEST(LaunchPlanBuilderTest, SealsItsMemfd) {
  UniqueFd memfd;
  ASSERT_EQ(WritePlan(GoodSpec(), &memfd), 0);
  EXPECT_EQ(write(memfd.get(), "x", 1), -1);
  EXPECT_EQ(ftruncate(memfd.get(), 0), -1);
  LaunchSpec bad = GoodSpec();
  bad.argv.clear();
  EXPECT_EQ(WritePlan(bad, &memfd), -EINVAL);
}

}  // namespace
}  // namespace tug::runtimed
