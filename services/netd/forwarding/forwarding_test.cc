// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "services/netd/forwarding/forwarding_record.h"

namespace tug::netd {
namespace {

TEST(ForwardingRecordTest, KeepsEachFamilyForThisBoot) {
  const TempDir directory;
  const std::string path = directory.path() + "/forwarding";
  {
    const auto record = ForwardingRecord::Open(path);
    ASSERT_THAT(record, IsOk());
    EXPECT_TRUE((*record)->guards().empty());
    ASSERT_THAT((*record)->Write(AF_INET, {"eth1", "eth2"}), IsOk());
    ASSERT_THAT((*record)->Write(AF_INET6, {}), IsOk());
  }
  const auto again = ForwardingRecord::Open(path);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ((*again)->guards(),
            (ForwardGuards{{AF_INET, {"eth1", "eth2"}}, {AF_INET6, {}}}));
}

TEST(ForwardingRecordTest, AnotherBootMeansNothing) {
  const TempDir directory;
  const auto first = ForwardingRecord::Open(directory.path() + "/f");
  ASSERT_THAT(first, IsOk());
  directory.Write("f/ipv4", "an earlier boot\neth1\n");
  const auto record = ForwardingRecord::Open(directory.path() + "/f");
  ASSERT_THAT(record, IsOk());
  EXPECT_TRUE((*record)->guards().empty());
}

}  // namespace
}  // namespace tug::netd
