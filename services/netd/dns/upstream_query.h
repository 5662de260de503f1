// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "lib/netlink/ip.h"
#include "lib/sys/unique_fd.h"
#include "services/netd/dns/framed_stream.h"
#include "services/netd/dns/message.h"

namespace tug::netd::dns {

// One question at one server, on a socket of its own, so that the kernel drops
// what others send, with an id of its own.
//
// Not thread-safe; never waits.
class UpstreamQuery {
 public:
  // Asks. `ns` is the namespace to ask from; -1: the thread's own.
  static absl::StatusOr<std::unique_ptr<UpstreamQuery>> Start(
      const netlink::IpAddress& server, bool tcp, int ns,
      const Question& question, const std::string& message);

  // Called when the socket is ready. What came of it, or nothing yet.
  struct Outcome {
    bool failed = false;
    uint8_t code = 0;
    // With the client's id.
    std::string reply;
  };
  std::optional<Outcome> OnReady();

  int fd() const { return tcp_ ? tcp_->fd() : udp_.get(); }
  bool is_tcp() const { return tcp_ != nullptr; }

 private:
  UpstreamQuery(const Question& question, std::string message);
  // What a message means; nothing if it is no reply to our question.
  std::optional<Outcome> Read(std::string message) const;

  const Question question_;
  std::string message_;
  uint16_t id_ = 0;
  UniqueFd udp_;
  std::unique_ptr<FramedStream> tcp_;
};

}  // namespace tug::netd::dns
