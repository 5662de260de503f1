// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

#include "lib/http/client_wait.h"
#include "lib/http/disconnect_watcher.h"
#include "lib/http/server.h"
#include "lib/sys/unique_fd.h"

namespace tug::http {

// uid of the peer of a unix socket; -1 otherwise.
int PeerUid(int socket);

// One accepted connection: reads requests and runs the handler on its thread,
// one after the other, until either side closes.
class ServerConnection {
 public:
  // A `spare` one serves a single request, and only a cheap one.
  ServerConnection(UniqueFd socket, const ServerLimits& limits,
                   const Handler& handler, DisconnectWatcher& watcher,
                   bool spare);

  // Blocks until the connection has ended.
  void Serve();

  // Thread-safe: closes now when no request runs, else after it.
  void CloseWhenIdle();
  // Thread-safe: breaks reads and writes that are under way.
  void Break();
  // Thread-safe: breaks it if its answer is a stream or the connection was
  // taken over, now or whenever that comes to be.
  void EndStream();

  // Since when it waits for its client: for a request, for the rest of a header
  // or body, or for it to take the answer; in nanoseconds of the monotonic
  // clock, 0 while it is at work. Thread-safe.
  int64_t waiting_since() const { return wait_.since(); }
  // -1 without one (TCP).
  int peer_uid() const { return peer_uid_; }
  bool is_spare() const { return spare_; }

 private:
  absl::Status ReadHead(class BufferedSocket& input,
                        class RequestParser& parser);
  // The answer to a request that a spare connection is not for; false if there
  // was none to refuse.
  bool RefusedAsSpare(class BufferedSocket& input, const RequestHead& head);
  // Reads and answers one request; whether another may follow.
  bool ServeOne(class BufferedSocket& input);
  void StreamBegins();

  const UniqueFd socket_;
  const ServerLimits& limits_;
  const Handler& handler_;
  DisconnectWatcher& watcher_;
  const bool spare_;
  const int peer_uid_;
  std::atomic<bool> closing_ = false;
  std::atomic<bool> streaming_ = false;
  std::atomic<bool> no_streams_ = false;
  // Idle or reading a header, where CloseWhenIdle() may cut in.
  std::atomic<bool> idle_ = true;
  ClientWait wait_;
};

}  // namespace tug::http
