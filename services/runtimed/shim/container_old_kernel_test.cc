// SPDX-License-Identifier: Apache-2.0
//
// Kernels from 5.10 on lack some calls of newer ones. A filter on this whole
// test program, which its shims inherit, answers ENOSYS to those.
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "services/runtimed/shim/testing/container_fixture.h"

namespace tug::runtimed {
namespace {

// mount_setattr(2) came with Linux 5.12.
class OldKernelTest : public ContainerTest {
 protected:
  void SetUp() override {
    ContainerTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    sock_filter rows[] = {{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0},
                          {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_mount_setattr},
                          {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS},
                          {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
    const sock_fprog program = {std::size(rows), rows};
    ASSERT_EQ(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
  }
};

TEST_F(OldKernelTest, ProtectsTheSamePaths) {
  const std::string source = root_->directory() + "/source";
  std::filesystem::create_directories(source);
  LaunchSpec spec = Shell(
      "cat /proc/timer_list | wc -c; echo x > /proc/sys/kernel/hostname; "
      "mkdir /sys/firmware/x; chmod 0 /proc/timer_list; echo x > /ro/x; "
      "echo x > /x; grep -cE '(shared|master):' /proc/self/mountinfo");
  spec.flags |= kPlanReadOnlyRoot;
  MountSpec mount;
  mount.source = source;
  mount.target = "/ro";
  mount.attributes = MOUNT_ATTR_RDONLY;
  mount.flags = kMountRecursive | kMountRecursiveReadOnly;
  spec.mounts.push_back(mount);
  const RunResult result = RunContainer(spec);
  EXPECT_EQ(result.output.out, "0\n0\n") << Failure(result.start);
  EXPECT_EQ(
      std::count(result.output.err.begin(), result.output.err.end(), '\n'), 5)
      << result.output.err;
  spec.mounts.back().flags |= kMountRequireRecursiveReadOnly;
  const RunResult refused = RunContainer(spec);
  EXPECT_EQ(Step(refused.start), LaunchStep::kMount);
  EXPECT_EQ(refused.start.error, EOPNOTSUPP);
}

}  // namespace
}  // namespace tug::runtimed
