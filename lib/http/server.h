// SPDX-License-Identifier: Apache-2.0
//
// An HTTP/1.1 server with one thread a connection (docs/adr: threads, not
// coroutines, in the gateway). Handlers block; a stuck one holds up its own
// connection only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lib/http/message.h"
#include "lib/sys/unique_fd.h"

namespace tug::http {

// Limits on what a client may send.
struct ServerLimits {
  // When all are taken, one leaves for a newcomer: lib/base/fair_share.h, by
  // the uid of the peer, all of TCP being one. Where nobody is to leave, the
  // newcomer becomes one of the spare ones.
  size_t max_connections = 1024;
  // These get one answer: to a request that `is_cheap`, or that there are too
  // many connections.
  size_t spare_connections = 32;
  std::function<bool(const RequestHead&)> is_cheap;
  size_t max_header_bytes = 64 * 1024;
  // Time to send a whole header once its first byte has come, and idle time
  // between requests.
  absl::Duration header_timeout = absl::Seconds(30);
  absl::Duration idle_timeout = absl::Minutes(5);
  // Time for a whole body that ReadBody reads.
  absl::Duration body_timeout = absl::Minutes(1);
};

// One request and its response, valid during the handler's call.
//
// Not thread-safe, except where told.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const RequestHead& head() const = 0;

  // Reads the whole body. INVALID_ARGUMENT past `limit`, malformed chunking;
  // CANCELLED when the client left; DEADLINE_EXCEEDED when it took longer than
  // ServerLimits::body_timeout.
  virtual absl::StatusOr<std::string> ReadBody(size_t limit) = 0;

  // Reads the next piece of the body into `buffer`; 0 at its end. Sends "100
  // Continue" first where the client waits for it.
  virtual absl::StatusOr<size_t> ReadSome(char* buffer, size_t size) = 0;

  // Waits until more of the body has come, or its end or the client's. False
  // when the peer of `other`, a stream socket, has gone before, so that nobody
  // needs the body: what takes it need not wait for a client that pauses.
  virtual bool AwaitBody(int other) = 0;

  // Sends a whole response; Content-Length is set here. A HEAD request gets no
  // body, but its length. What the client still sends of its own body is then
  // read and dropped within bounds, so that it comes to reading the answer.
  virtual absl::Status Respond(ResponseHead head, std::string_view body) = 0;

  // Starts a response of unknown length (chunked on HTTP/1.1), flushed at
  // once; then WriteSome any number of times; it ends when the handler
  // returns. WriteSome answers CANCELLED when the client has left.
  virtual absl::Status StartStream(ResponseHead head) = 0;
  virtual absl::Status WriteSome(std::string_view bytes) = 0;
  virtual bool responded() const = 0;

  // Takes over the connection: sends `head` (101 or 200, as it stands, no
  // framing; with status 0 nothing) and gives the socket, plus bytes already
  // read behind the request.
  struct Raw {
    UniqueFd socket;
    std::string buffered;
  };
  virtual absl::StatusOr<Raw> Hijack(ResponseHead head) = 0;

  // The connection's socket, for splicing a response body (use only between
  // StartStream and the handler's return, with framing done by the caller) and
  // for polling. Stays the server's.
  virtual int socket() const = 0;

  // Runs `on_gone` (on another thread, at most once) when the client closes
  // the connection or its writing side, until the handler returns or
  // StopWatching() answers. Thread-safe.
  virtual void WatchDisconnect(std::function<void()> on_gone) = 0;
  virtual void StopWatching() = 0;

  // uid of the peer on a unix socket; -1 otherwise.
  virtual int peer_uid() const = 0;
};

using Handler = std::function<void(Exchange&)>;

// Whether who connected this socket may send requests at all. Called on the
// accepting thread, which it must not block.
using Admission = std::function<bool(int socket)>;

// How long a stream may take to end by itself at shutdown.
inline constexpr absl::Duration kStreamGrace = absl::Milliseconds(100);

class Server {
 public:
  virtual ~Server() = default;
  // Accepts on one more listening socket (unix or TCP) from now on.
  virtual absl::Status AddListener(UniqueFd listener) = 0;
  // Stops accepting, closes idle connections, waits at most `grace` for
  // handlers, then closes their connections and waits for their return. Streams
  // and connections that were taken over, which may never end by themselves,
  // are closed after kStreamGrace.
  virtual void Shutdown(absl::Duration grace) = 0;
};

// `handler` runs on many threads at once. Without `admits` everybody is.
std::unique_ptr<Server> NewServer(ServerLimits limits, Handler handler,
                                  Admission admits = nullptr);

}  // namespace tug::http
