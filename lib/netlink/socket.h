// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lib/netlink/message.h"
#include "lib/sys/unique_fd.h"

struct nlmsghdr;

namespace tug::netlink {

// A netlink socket. It speaks to the network namespace of the thread that
// opened it, whichever thread uses it later, and keeps that namespace alive.
//
// Not thread-safe; opening one costs a few microseconds.
class Socket {
 public:
  // `bus` such as NETLINK_ROUTE.
  static absl::StatusOr<Socket> Open(int bus);

  Socket() = default;
  Socket(Socket&&) = default;
  Socket& operator=(Socket&&) = default;

  // Sends all requests with one system call and reads the answer to each. The
  // kernel carries out every one, also after a failure. The result is the
  // first failure: the request's words, then the kernel's own.
  absl::Status Exchange(absl::Span<Message> requests);
  absl::Status Exchange(Message request);

  // Like Exchange, and tells the outcome of each request.
  absl::Status ExchangeEach(absl::Span<Message> requests,
                            absl::Span<absl::Status> outcomes);

  // Sends a dump or get request and hands every answer to `visit`.
  absl::Status Query(Message request,
                     absl::FunctionRef<void(const nlmsghdr*)> visit);

  bool valid() const { return fd_.valid(); }
  int fd() const { return fd_.get(); }

 private:
  explicit Socket(UniqueFd fd) : fd_(std::move(fd)) {}
  absl::Status Send(absl::Span<Message> requests);

  UniqueFd fd_;
  uint32_t next_sequence_ = 1;
};

}  // namespace tug::netlink
