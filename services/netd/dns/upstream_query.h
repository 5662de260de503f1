// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/base/byte_budget.h"
#include "lib/sys/unique_fd.h"
#include "services/netd/dns/framed_stream.h"
#include "services/netd/dns/message.h"

namespace tug::netd::dns {

// One question at one server, with an id of its own, on a socket that is
// connected to the server, so that the kernel drops what others send.
//
// Not thread-safe; never waits.
class UpstreamQuery {
 public:
  // Asks. `socket` is non-blocking; by TCP it may still be connecting, and what
  // it takes of `buffers`, which must outlive the query, grows with the reply.
  static absl::StatusOr<std::unique_ptr<UpstreamQuery>> Start(
      UniqueFd socket, bool tcp, const Question& question,
      absl::string_view message, ByteBudget& buffers);

  // Called when the socket is ready. What came of it, or nothing yet.
  struct Outcome {
    bool failed = false;
    uint8_t code = 0;
    // With the client's id.
    std::string reply;
  };
  std::optional<Outcome> OnReady();

  // Gives up the datagram socket, once it was answered on.
  UniqueFd TakeSocket() { return std::move(udp_); }

  int fd() const { return tcp_ ? tcp_->fd() : udp_.get(); }

 private:
  UpstreamQuery(const Question& question, absl::string_view message);
  // What a message means; nothing if it is no reply to our question.
  std::optional<Outcome> Read(absl::string_view message) const;

  const Question question_;
  std::string message_;
  uint16_t id_ = 0;
  UniqueFd udp_;
  std::unique_ptr<FramedStream> tcp_;
};

}  // namespace tug::netd::dns
