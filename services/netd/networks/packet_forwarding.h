// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace tug::netd {

// The host's part in what networks reach of the outside.
//
// Thread-safe.
class PacketForwarding {
 public:
  virtual ~PacketForwarding() = default;

  // Makes the host forward packets of this family (AF_INET, AF_INET6).
  // FAILED_PRECONDITION (IPV4_FORWARDING_DISABLED | IPV6_FORWARDING_DISABLED)
  // if it does not and must not be made to.
  virtual absl::Status Ensure(int family) = 0;
};

}  // namespace tug::netd
