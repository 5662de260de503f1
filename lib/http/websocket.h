// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "lib/http/server.h"
#include "lib/sys/unique_fd.h"

namespace tug::http {

// Whether the request asks for a WebSocket (RFC 6455) in a way that can be
// served.
bool IsWebSocketRequest(const RequestHead& head);

// What a WebSocket is joined to.
struct WebSocketBridge {
  // A connected stream socket. Its end closes the WebSocket, and the other way
  // round.
  UniqueFd stream;
  // What the client sends goes to `stream`, else it is dropped.
  bool input = false;
  // Messages are binary, else text.
  bool binary = true;
  // Appends to `out` what becomes of bytes on their way; both may be absent.
  // False ends the session once `out` has been written.
  using Filter = std::function<bool(std::string_view bytes, std::string& out)>;
  Filter from_client = {};
  Filter to_client = {};
};

// Takes the connection over, answers 101, and copies both ways until one side
// has ended. Blocks; uses the calling thread only.
absl::Status ServeWebSocket(Exchange& exchange, WebSocketBridge bridge);

}  // namespace tug::http
