// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shim/pid_list.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "lib/testing/temp_dir.h"

namespace tug::runtimed {
namespace {

class PidListTest : public testing::Test {
 protected:
  std::vector<pid_t> Read(const std::string& text) {
    const std::string path = directory_.path() + "/cgroup.procs";
    std::ofstream(path) << text;
    PidList list(path.c_str());
    std::vector<pid_t> pids;
    while (const pid_t pid = list.Next()) pids.push_back(pid);
    return pids;
  }

  TempDir directory_;
};

// issue 7: a list above 64 KiB was cut within a number, and the process whose
// number the stump was, on the host, was killed.
TEST_F(PidListTest, NoNumberIsCutHoweverLongTheList) {
  std::string text;
  std::vector<pid_t> expected;
  for (pid_t pid = 9000; pid < 30000; ++pid) {
    text += std::to_string(pid) + "\n";
    expected.push_back(pid);
  }
  EXPECT_EQ(Read(text), expected);
}

TEST_F(PidListTest, WhatNoLineEndsIsNobodys) {
  EXPECT_EQ(Read("12\n345"), std::vector<pid_t>{12});
  EXPECT_EQ(Read(""), std::vector<pid_t>());
}

TEST_F(PidListTest, NonsenseEndsTheList) {
  EXPECT_EQ(Read("12\n-1\n3\n"), std::vector<pid_t>{12});
  EXPECT_EQ(Read("12\n99999999999\n3\n"), std::vector<pid_t>{12});
}

TEST_F(PidListTest, AnAbsentListIsEmpty) {
  PidList list("/nowhere/cgroup.procs");
  EXPECT_EQ(list.Next(), 0);
}

}  // namespace
}  // namespace tug::runtimed
