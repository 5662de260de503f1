// SPDX-License-Identifier: Apache-2.0
//
// What a container may use: what the host has, and how an update changes it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/base/status.h"
#include "services/runtimed/spec/cpu_list.h"
#include "services/runtimed/spec/resource_update.h"
#include "services/runtimed/spec/resources.h"
#include "services/runtimed/spec/restart_policy_spec.h"

namespace tug::runtimed {
namespace {

using runtime::v1::HostConfig;
using ::testing::HasSubstr;

cgroup::Support Able() {
  cgroup::Support support;
  support.memory = support.swap = support.pids = true;
  support.cpu = support.cpuset = true;
  return support;
}

// Issue 7, B14.
TEST(Cpusets, NameOnlyWhatIsOnline) {
  const OnlineUnits online = {"0-1,4", "0"};
  EXPECT_TRUE(CheckCpusets("", "", online).ok());
  EXPECT_TRUE(CheckCpusets("0,4", "0", online).ok());
  struct Row {
    const char* cpus;
    const char* mems;
    const char* text;
  };
  for (const Row& row : {
           Row{"2", "",
               "Requested CPUs are not available - requested 2, available: "
               "0-1,4"},
           Row{"0-4", "",
               "Requested CPUs are not available - requested 0-4, available: "
               "0-1,4"},
           Row{"", "1",
               "Requested memory nodes are not available - requested 1, "
               "available: 0"},
           Row{"x", "", "Invalid value x for cpuset cpus: invalid format: x"},
           Row{"0,", "",
               "Invalid value 0, for cpuset cpus: invalid format: 0,"},
           Row{"", "1-0",
               "Invalid value 1-0 for cpuset mems: invalid format: 1-0"},
           Row{"99999999999", "",
               "Invalid value 99999999999 for cpuset cpus: value of out range, "
               "maximum is 8192"},
       }) {
    EXPECT_EQ(CheckCpusets(row.cpus, row.mems, online).message(), row.text);
  }
}

// Issue 7, B7.
TEST(ResourceUpdates, TellNotGivenFromNoLimit) {
  HostConfig host;
  host.set_memory(100 << 20);
  host.set_memory_swap(200 << 20);
  host.set_pids_limit(20);
  host.set_nano_cpus(500'000'000);
  runtime::v1::ResourceUpdate update;
  ASSERT_TRUE(MergeUpdate(update, host).ok());
  EXPECT_EQ(host.pids_limit(), 20);
  EXPECT_EQ(host.memory(), 100 << 20);
  EXPECT_EQ(UpdatedResources(update, host, Able())->pids, 20);

  update.set_pids_limit(-1);
  update.set_cpu_quota(-1);
  update.set_memory_swap(-1);
  ASSERT_TRUE(MergeUpdate(update, host).ok());
  EXPECT_EQ(host.pids_limit(), 0);
  auto resources = UpdatedResources(update, host, Able());
  EXPECT_EQ(resources->pids, -1);
  EXPECT_EQ(resources->cpu_quota, -1);
  EXPECT_EQ(resources->memory_swap, -1);
  EXPECT_EQ(resources->memory, 100 << 20);

  runtime::v1::ResourceUpdate again;
  again.set_nano_cpus(1'000'000'000);
  again.set_memory(-1);
  ASSERT_TRUE(MergeUpdate(again, host).ok());
  EXPECT_EQ(host.memory(), 0);
  EXPECT_EQ(host.memory_swap(), 0);
  resources = UpdatedResources(again, host, Able());
  EXPECT_EQ(resources->cpu_quota, 100'000);
  EXPECT_EQ(resources->memory, -1);
  EXPECT_EQ(resources->memory_swap, -1);
  EXPECT_EQ(resources->pids, 0);
}

TEST(ResourceUpdates, SayWhatExcludesEachOther) {
  const auto conflict = [](HostConfig host, auto change) {
    runtime::v1::ResourceUpdate update;
    change(update);
    const absl::Status status = MergeUpdate(update, host);
    EXPECT_EQ(StatusReason(status), "UPDATE_CONFLICT") << status;
    return std::string(status.message());
  };
  HostConfig quota;
  quota.set_cpu_quota(50'000);
  EXPECT_EQ(conflict(quota, [](auto& u) { u.set_nano_cpus(1); }),
            "Conflicting options: Nano CPUs cannot be updated as CPU Quota has "
            "already been set");
  HostConfig cpus;
  cpus.set_nano_cpus(1);
  EXPECT_EQ(conflict(cpus, [](auto& u) { u.set_cpu_period(1000); }),
            "Conflicting options: CPU Period cannot be updated as NanoCPUs has "
            "already been set");
  EXPECT_THAT(conflict({}, [](auto& u) { u.set_memory(100 << 20); }),
              HasSubstr("already set memoryswap limit"));
}

TEST(RestartPolicies, AreCheckedInDockersWords) {
  const auto check = [](const char* name, int count) {
    runtime::v1::RestartPolicy policy;
    policy.set_name(name);
    policy.set_maximum_retry_count(count);
    return std::string(CheckRestartPolicy(policy).message());
  };
  EXPECT_EQ(check("", 3), "");
  EXPECT_EQ(check("on-failure", 3), "");
  EXPECT_THAT(check("bad", 0), HasSubstr("unknown policy 'bad'; use one of"));
  EXPECT_EQ(check("always", -1),
            "invalid restart policy: maximum retry count can only be used with "
            "'on-failure' and cannot be negative");
}

}  // namespace
}  // namespace tug::runtimed
