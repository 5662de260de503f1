// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gtest/gtest.h"

namespace tug {

// For tests that need root (Bazel tag "privileged"). Skipped unless
// TUG_TEST_PRIVILEGED=1; failed when that is set without CAP_SYS_ADMIN and
// CAP_NET_ADMIN, so that a run which claims to be privileged cannot pass by
// skipping.
class PrivilegedTest : public testing::Test {
 protected:
  // Overriders call this first and return if IsSkipped() or HasFatalFailure().
  void SetUp() override;
};

}  // namespace tug
