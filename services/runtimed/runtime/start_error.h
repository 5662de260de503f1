// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/runtimed/protocol/protocol.h"

namespace tug::runtimed {

// A launch that failed, in the words that clients of Docker look for
// ("executable file not found", "permission denied", "no such file or
// directory") and with the exit code that they expect.
struct StartError {
  // EXEC_NOT_FOUND, EXEC_PERMISSION, EXEC_FAILED or START_FAILED.
  std::string reason;
  int exit_code = 128;
  std::string text;

  // FAILED_PRECONDITION with reason, and `exit_code` as metadata.
  absl::Status ToStatus() const;
};

// What was to be launched; Docker's sentences differ.
enum class Launched { kContainer, kExec };

// From what the shim said; `program` is the first word of the command line.
StartError DescribeStartFailure(const ShimMessage& message,
                                const std::string& program,
                                Launched launched = Launched::kContainer);

// For a failure on our own side.
StartError DescribeStartFailure(const absl::Status& status);

}  // namespace tug::runtimed
