// SPDX-License-Identifier: Apache-2.0
#include "lib/program/user.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "gtest/gtest.h"
#include "lib/program/load_config.h"
#include "lib/testing/privileged_test.h"
#include "lib/testing/status_matchers.h"

namespace tug {
namespace {

class BecomeUserTest : public PrivilegedTest {};

// In a child of a death test, which it then ends.
[[noreturn]] void BecomeNobodyAndReport(int memory_file) {
  const std::string path = "/proc/self/fd/" + std::to_string(memory_file);
  const bool good = BecomeUser("nobody").ok() && geteuid() != 0 &&
                    setuid(0) != 0 && ReadConfigText(path).ok();
  _exit(good ? 0 : 1);
}

TEST_F(BecomeUserTest, IsForGoodAndLeavesTheConfigurationReadable) {
  if (IsSkipped() || HasFatalFailure()) return;
  const int memory_file = memfd_create("config", MFD_CLOEXEC);
  ASSERT_GE(memory_file, 0);
  EXPECT_EXIT(BecomeNobodyAndReport(memory_file), testing::ExitedWithCode(0),
              "");
  close(memory_file);
}

TEST_F(BecomeUserTest, UnknownUserIsNotFound) {
  EXPECT_THAT(BecomeUser("no-such-user"),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace tug
