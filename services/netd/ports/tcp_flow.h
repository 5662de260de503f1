// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "lib/sys/unique_fd.h"

namespace tug::netd {

// One relayed TCP connection: two non-blocking sockets and a pipe for each
// direction, through which the kernel moves the bytes.
//
// Not thread-safe.
class TcpFlow {
 public:
  // Bytes that one direction may hold.
  static constexpr size_t kPipeBytes = 64 * 1024;

  // `server` may still be connecting. Invalid (see valid()) if there are no
  // descriptors left for pipes.
  TcpFlow(UniqueFd client, UniqueFd server);

  bool valid() const { return up_.pipe_in.valid() && down_.pipe_in.valid(); }
  int client() const { return client_.get(); }
  int server() const { return server_.get(); }

  // Moves what can be moved now; edge-triggered. False when the connection is
  // over.
  bool Pump();

 private:
  struct Direction {
    UniqueFd pipe_out;
    UniqueFd pipe_in;
    size_t held = 0;
    bool source_ended = false;
    bool finished = false;
  };
  static Direction MakeDirection();
  // False after an error.
  static bool Move(int source, int target, Direction& direction);

  UniqueFd client_;
  UniqueFd server_;
  // Once true it stays so: a socket that both sides have closed has no peer
  // any more, yet may hold bytes to read.
  bool connected_ = false;
  Direction up_;
  Direction down_;
};

}  // namespace tug::netd
