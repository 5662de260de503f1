// SPDX-License-Identifier: Apache-2.0
#include "lib/testing/privileged_test.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace tug {
namespace {

bool HasCapability(int capability) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, sets) != 0) return false;
  return (sets[CAP_TO_INDEX(capability)].effective &
          CAP_TO_MASK(capability)) != 0;
}

}  // namespace

void PrivilegedTest::SetUp() {
  const char* asked = std::getenv("TUG_TEST_PRIVILEGED");
  if (asked == nullptr || std::string(asked) != "1") {
    GTEST_SKIP() << "needs root; set TUG_TEST_PRIVILEGED=1";
  }
  ASSERT_TRUE(HasCapability(CAP_SYS_ADMIN)) << "CAP_SYS_ADMIN is missing";
  ASSERT_TRUE(HasCapability(CAP_NET_ADMIN)) << "CAP_NET_ADMIN is missing";
}

}  // namespace tug
