// SPDX-License-Identifier: Apache-2.0
//
// What a child tells its shim before it execs, over a SOCK_SEQPACKET pair that
// the exec closes: the master of its terminal, then either kReady (and end of
// stream: the program runs) or kFailed.
#pragma once

#include <cstdint>

#include "services/runtimed/protocol/protocol.h"

namespace tug::runtimed {

enum class ChildReportType : uint32_t {
  kTerminal = 1,  // with one descriptor
  kReady = 2,     // the next thing is the exec
  kFailed = 3,
};

struct ChildReport {
  ChildReportType type;
  LaunchStep step;
  int32_t error;
  uint32_t reserved;
  char text[kShimTextSize];
};

}  // namespace tug::runtimed
