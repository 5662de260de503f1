// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/list_processes.h"

#include <gtest/gtest.h>

#include "lib/base/status.h"

namespace tug::runtimed {
namespace {

TEST(ParseProcesses, PicksTheRowsOfTheContainer) {
  const auto parsed = ParseProcesses(
      "UID   PID  PPID CMD\n"
      "root    1     0 /sbin/init splash\n"
      "root   42     1 sh -c sleep  9\n",
      {42, 43});
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(parsed->titles_size(), 4);
  ASSERT_EQ(parsed->rows_size(), 1);
  EXPECT_EQ(parsed->rows(0).cells(1), "42");
  EXPECT_EQ(parsed->rows(0).cells(3), "sh -c sleep 9");
}

TEST(ParseProcesses, NeedsAPidColumn) {
  EXPECT_EQ(StatusReason(ParseProcesses("CMD\nsh\n", {1}).status()),
            "PS_ARGUMENTS");
  EXPECT_EQ(StatusReason(ParseProcesses("", {1}).status()), "PS_ARGUMENTS");
}

}  // namespace
}  // namespace tug::runtimed
