// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <memory>
#include <string>

#include "lib/testing/privileged_test.h"
#include "services/runtimed/shim/testing/shim_harness.h"

namespace tug::runtimed {

// Real containers through the real shim. As root only.
class ContainerTest : public PrivilegedTest {
 protected:
  void SetUp() override {
    PrivilegedTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    root_ = std::make_unique<TestRoot>();
  }

  LaunchSpec Shell(const std::string& script) {
    return root_->DefaultSpec({"sh", "-c", script});
  }
  // What a shell command prints in a default container.
  std::string Inside(const std::string& script) {
    const RunResult result = RunContainer(Shell(script));
    EXPECT_EQ(result.start.type, ShimMessageType::kStarted)
        << Failure(result.start);
    return result.output.out + result.output.err;
  }
  static std::string Failure(const ShimMessage& message) {
    return std::string(LaunchStepName(static_cast<LaunchStep>(message.value))) +
           ": " + message.text + ": " + strerror(message.error);
  }
  static LaunchStep Step(const ShimMessage& message) {
    return static_cast<LaunchStep>(message.value);
  }

  std::unique_ptr<TestRoot> root_;
};

}  // namespace tug::runtimed
