// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "proto/tug/network/v1/network.pb.h"

namespace tug::netd {

// Makes the kernel objects of one kind of network.
//
// Thread-safe.
class NetworkDriver {
 public:
  virtual ~NetworkDriver() = default;

  // Makes what is missing, and puts right what is there.
  virtual absl::Status Create(const network::v1::Network& network) = 0;

  // Idempotent. Slow parts may go on after it returns.
  virtual absl::Status Remove(const network::v1::Network& network) = 0;
};

}  // namespace tug::netd
