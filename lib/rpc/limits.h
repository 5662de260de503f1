// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/time/time.h"

namespace tug::rpc {

// Largest message that a service takes. A full page of a list stays below.
inline constexpr int kMaxMessageBytes = 16 << 20;
// Largest answer that a client takes: what could be stored by a request can be
// read again, with what the service adds.
inline constexpr int kMaxAnswerBytes = 20 << 20;
// Headers and trailers of a call; status_conversion.cc stays below the 8 KiB
// that other clients accept.
inline constexpr int kMaxHeaderBytes = 16 << 10;
// Connections that gRPC has at once (rpc_connections.h).
inline constexpr int kMaxRpcConnections = 1024;
// A connection on which there was no call for so long is closed; a client
// connects again by itself.
inline constexpr absl::Duration kIdleConnection = absl::Minutes(10);
// Connections of the byte socket that are served at once (byte_connections.h).
inline constexpr int kMaxByteConnections = 1024;
// Running calls may end by themselves for so long after SIGTERM.
inline constexpr absl::Duration kShutdownGrace = absl::Seconds(2);
// Cancelled calls that have not returned by then end with the process.
inline constexpr absl::Duration kShutdownLimit = absl::Seconds(4);

}  // namespace tug::rpc
