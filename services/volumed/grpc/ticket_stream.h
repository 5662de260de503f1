// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "lib/rpc/byte_channel.h"
#include "lib/sys/unique_fd.h"

namespace tug::volumed {

// Issues a ticket, gives it to `announce` (false: the caller has left), and
// waits until somebody has redeemed it: at most its lifetime, or until
// `cancelled`. Answers the stream.
absl::StatusOr<UniqueFd> OpenTicketStream(
    rpc::TicketBooth& booth,
    const std::function<bool(const type::v1::StreamTicket&)>& announce,
    const std::function<bool()>& cancelled);

}  // namespace tug::volumed
