// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/tcp_listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::tugd {
namespace {

constexpr int kBacklog = 1024;

struct TcpAddress {
  sockaddr_storage storage;
  socklen_t size;
};

absl::Status Invalid(absl::string_view address, absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat("rest-listeners: tcp://", address, ": ", problem));
}

absl::StatusOr<TcpAddress> ParseLoopback(absl::string_view address) {
  const size_t colon = address.rfind(':');
  uint32_t port = 0;
  if (colon == absl::string_view::npos ||
      !absl::SimpleAtoi(address.substr(colon + 1), &port) || port == 0 ||
      port > UINT16_MAX) {
    return Invalid(address, "ADDRESS:PORT is needed");
  }
  absl::string_view host = address.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  const std::string text(host);
  TcpAddress parsed = {};
  auto* v4 = reinterpret_cast<sockaddr_in*>(&parsed.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&parsed.storage);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<uint16_t>(port));
    parsed.size = sizeof(*v4);
    if (ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET) return parsed;
  } else if (inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(static_cast<uint16_t>(port));
    parsed.size = sizeof(*v6);
    if (IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr)) return parsed;
  }
  return Invalid(address, "without TLS only a loopback address is served");
}

}  // namespace

absl::StatusOr<UniqueFd> ListenLoopbackTcp(absl::string_view address,
                                           bool allowed) {
  if (!allowed) {
    return Invalid(address, "plain TCP gives every local user root; set "
                            "allow-plain-tcp to true if that is meant");
  }
  ASSIGN_OR_RETURN(const TcpAddress parsed, ParseLoopback(address));
  UniqueFd listener(socket(parsed.storage.ss_family,
                           SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener) return ErrnoStatus(errno, "open TCP socket");
  const int on = 1;
  if (setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) !=
          0 ||
      bind(listener.get(), reinterpret_cast<const sockaddr*>(&parsed.storage),
           parsed.size) != 0 ||
      listen(listener.get(), kBacklog) != 0) {
    return ErrnoStatus(errno, absl::StrCat("listen on tcp://", address));
  }
  return listener;
}

}  // namespace tug::tugd
