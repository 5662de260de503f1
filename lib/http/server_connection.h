// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

#include "lib/http/disconnect_watcher.h"
#include "lib/http/server.h"
#include "lib/sys/unique_fd.h"

namespace tug::http {

// One accepted connection: reads requests and runs the handler on its thread,
// one after the other, until either side closes.
class ServerConnection {
 public:
  ServerConnection(UniqueFd socket, const ServerLimits& limits,
                   const Handler& handler, DisconnectWatcher& watcher);

  // Blocks until the connection has ended.
  void Serve();

  // Thread-safe: closes now when no request runs, else after it.
  void CloseWhenIdle();
  // Thread-safe: breaks reads and writes that are under way.
  void Break();
  // Thread-safe: breaks it if its answer is a stream or the connection was
  // taken over, now or whenever that comes to be.
  void EndStream();

  // Since when it waits for a request or the rest of a header, in nanoseconds
  // of the monotonic clock; 0 while a request runs. Thread-safe.
  int64_t waiting_since() const { return waiting_since_; }

 private:
  absl::Status ReadHead(class BufferedSocket& input,
                        class RequestParser& parser);
  // Reads and answers one request; whether another may follow.
  bool ServeOne(class BufferedSocket& input);
  void StreamBegins();

  const UniqueFd socket_;
  const ServerLimits& limits_;
  const Handler& handler_;
  DisconnectWatcher& watcher_;
  const int peer_uid_;
  std::atomic<bool> closing_ = false;
  std::atomic<bool> streaming_ = false;
  std::atomic<bool> no_streams_ = false;
  std::atomic<int64_t> waiting_since_;
};

}  // namespace tug::http
