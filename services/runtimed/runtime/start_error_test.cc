// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/runtime/start_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>

#include "lib/base/status.h"

namespace tug::runtimed {
namespace {

struct Case {
  LaunchStep step;
  int error;
  const char* program;
  const char* operand;
  const char* reason;
  int exit_code;
  const char* fragment;
};

TEST(StartError, SpeaksToDockersClients) {
  const Case cases[] = {
      {LaunchStep::kFindProgram, ENOENT, "nosuch", "nosuch", "EXEC_NOT_FOUND",
       127, "exec: \"nosuch\": executable file not found in $PATH"},
      {LaunchStep::kExec, ENOENT, "/nosuch", "/nosuch", "EXEC_NOT_FOUND", 127,
       "exec: \"/nosuch\": stat /nosuch: no such file or directory"},
      {LaunchStep::kExec, EACCES, "/etc/passwd", "", "EXEC_PERMISSION", 126,
       "exec: \"/etc/passwd\": permission denied"},
      {LaunchStep::kFindProgram, EISDIR, "/etc", "", "EXEC_PERMISSION", 126,
       "permission denied"},
      {LaunchStep::kExec, ENOEXEC, "/x", "", "EXEC_FAILED", 128,
       "exec format error"},
      {LaunchStep::kLookUpUser, ENOENT, "sh", "joe:staff", "START_FAILED", 126,
       "unable to find user joe: no matching entries in passwd file"},
      {LaunchStep::kMount, ELOOP, "sh", "/data", "START_FAILED", 128,
       "mount: /data: "},
  };
  for (const Case& c : cases) {
    ShimMessage message = {};
    message.value = static_cast<int>(c.step);
    message.error = c.error;
    snprintf(message.text, sizeof(message.text), "%s", c.operand);
    const StartError error = DescribeStartFailure(message, c.program);
    EXPECT_EQ(error.reason, c.reason);
    EXPECT_EQ(error.exit_code, c.exit_code) << c.fragment;
    EXPECT_THAT(error.text, testing::HasSubstr(c.fragment));
    EXPECT_EQ(StatusMetadata(error.ToStatus()).at("exit_code"),
              std::to_string(c.exit_code));
  }
}

}  // namespace
}  // namespace tug::runtimed
