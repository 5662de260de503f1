// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "lib/sys/unique_fd.h"
#include "proto/tug/type/v1/type.pb.h"

namespace tug::gatewayd {

// Turns tickets of services into sockets and descriptors. Thread-safe.
class TicketRedeemer {
 public:
  virtual ~TicketRedeemer() = default;
  // NOT_FOUND (TICKET_UNKNOWN), UNAVAILABLE.
  virtual absl::StatusOr<UniqueFd> Redeem(
      const type::v1::StreamTicket& ticket) = 0;
};

}  // namespace tug::gatewayd
