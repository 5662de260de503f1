// SPDX-License-Identifier: Apache-2.0
//
// What both ends of a byte socket agree on (docs/formats/byte-channel.md).
#pragma once

#include <sys/socket.h>
#include <sys/time.h>

#include <cstddef>

#include "absl/time/time.h"

namespace tug::rpc {

inline constexpr size_t kTokenBytes = 16;

// The owner's one-byte answer to a token.
inline constexpr char kTicketTaken = 0;
inline constexpr char kTicketUnknown = 1;

// Bounds reads and writes of the exchange; zero takes the bound away.
inline void SetSocketTimeout(int socket, absl::Duration timeout) {
  const timeval value = absl::ToTimeval(timeout);
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof(value));
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof(value));
}

}  // namespace tug::rpc
