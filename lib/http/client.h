// SPDX-License-Identifier: Apache-2.0
//
// A small blocking HTTP/1.1 client for a Docker endpoint: what the CLI and the
// tests need. Registries are spoken to by libcurl, not by this.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/http/message.h"
#include "lib/sys/unique_fd.h"

namespace tug::http {

struct Request {
  std::string method;
  std::string target;
  Headers headers;
  std::string body;
  // Instead of `body`: called until it answers 0; sent chunked.
  std::function<absl::StatusOr<size_t>(char* buffer, size_t size)> read_body;
};

struct Response {
  ResponseHead head;
  std::string body;
};

// One connection at a time; not thread-safe.
class Client {
 public:
  virtual ~Client() = default;

  // Sends and reads everything. INVALID_ARGUMENT past `limit`.
  virtual absl::StatusOr<Response> Call(const Request& request,
                                        size_t limit) = 0;

  // Sends, hands each piece of the body to `on_body` as it comes (until it
  // answers an error), and returns the head. `on_head` may stop early.
  virtual absl::StatusOr<ResponseHead> Stream(
      const Request& request,
      const std::function<absl::Status(const ResponseHead&)>& on_head,
      const std::function<absl::Status(std::string_view)>& on_body) = 0;

  // Sends with "Upgrade: tcp" and gives the raw connection after 101 or 200;
  // any other answer is returned in `head` and `body` with no socket.
  struct Upgraded {
    ResponseHead head;
    std::string body;  // Only without a socket.
    UniqueFd socket;
    std::string buffered;  // Bytes already read behind the head.
  };
  virtual absl::StatusOr<Upgraded> Upgrade(const Request& request) = 0;
};

// `endpoint`: "unix:///run/tug/tug.sock", "tcp://127.0.0.1:2375". Connects at
// the first call. UNAVAILABLE names the endpoint.
absl::StatusOr<std::unique_ptr<Client>> NewClient(std::string_view endpoint);

}  // namespace tug::http
