// SPDX-License-Identifier: Apache-2.0
//
// Attach and exec: the client's connection and a container's stream, joined.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/http/server.h"
#include "lib/sys/unique_fd.h"
#include "services/gatewayd/server/request_context.h"

namespace tug::gatewayd {

inline constexpr char kRawStream[] = "application/vnd.docker.raw-stream";
inline constexpr char kMultiplexedStream[] =
    "application/vnd.docker.multiplexed-stream";

// Takes the connection over: 101 with the right content type when the client
// asked for an upgrade, else 200.
absl::StatusOr<http::Exchange::Raw> HijackConnection(RequestContext& context,
                                                     bool tty);

struct SpliceOptions {
  // Whether what the client sends goes to the container.
  bool input = false;
  // Keys that end the session and leave the container running; empty: none.
  std::string detach_keys;
  // Runs when the container's side has ended by itself, before the client sees
  // its end. May block. For what a client asks right after (an exit code).
  std::function<void()> container_ended = {};
};

// Copies both ways until the container's side has ended, the client has left,
// or the detach keys came. The client's half-close ends the container's input
// only. Blocks.
void SpliceStreams(http::Exchange::Raw client, UniqueFd container,
                   const SpliceOptions& options);

// Writes `text` to a taken over connection as output, framed unless `tty`.
absl::Status WriteText(const http::Exchange::Raw& client, bool tty,
                       absl::string_view text);

}  // namespace tug::gatewayd
