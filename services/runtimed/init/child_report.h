// SPDX-License-Identifier: Apache-2.0
//
// What a child tells its shim before it execs, over a SOCK_SEQPACKET pair that
// the exec closes: the master of its terminal, then either kReady (and end of
// stream: the program runs) or kFailed. Where a child is replaced by one in
// another pid namespace, that one goes on when the shim has sent kAdopted, and
// ends when the shim closes its end.
#pragma once

#include <cstdint>

#include "services/runtimed/protocol/protocol.h"

namespace tug::runtimed {

enum class ChildReportType : uint32_t {
  kTerminal = 1,  // with one descriptor
  kReady = 2,     // the next thing is the exec
  kFailed = 3,
};

// The one byte that a shim ever sends.
inline constexpr char kAdopted = 1;

struct ChildReport {
  ChildReportType type;
  LaunchStep step;
  int32_t error;
  uint32_t reserved;
  char text[kShimTextSize];
};

}  // namespace tug::runtimed
