// SPDX-License-Identifier: Apache-2.0
#include "lib/http/client_connection.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace tug::http {
namespace {

absl::Status CannotConnect(const Endpoint& endpoint, absl::string_view cause) {
  return absl::UnavailableError(absl::StrCat("cannot connect to the engine at ",
                                             endpoint.text, ": ", cause));
}

absl::StatusOr<UniqueFd> ConnectUnix(const Endpoint& endpoint) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (endpoint.unix_path.size() >= sizeof(address.sun_path)) {
    return CannotConnect(endpoint, "the path is too long");
  }
  std::memcpy(address.sun_path, endpoint.unix_path.data(),
              endpoint.unix_path.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket || ::connect(socket.get(), reinterpret_cast<sockaddr*>(&address),
                           sizeof(address)) != 0) {
    return CannotConnect(endpoint, std::strerror(errno));
  }
  return socket;
}

absl::StatusOr<UniqueFd> ConnectTcp(const Endpoint& endpoint) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(endpoint.host.c_str(), endpoint.port.c_str(),
                                  &hints, &found);
  if (error != 0) return CannotConnect(endpoint, ::gai_strerror(error));
  UniqueFd socket;
  int last_error = 0;
  for (addrinfo* each = found; each != nullptr; each = each->ai_next) {
    socket.reset(::socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (socket &&
        ::connect(socket.get(), each->ai_addr, each->ai_addrlen) == 0) {
      break;
    }
    last_error = errno;
    socket.reset();
  }
  ::freeaddrinfo(found);
  if (!socket) return CannotConnect(endpoint, std::strerror(last_error));
  return socket;
}

}  // namespace

absl::StatusOr<Endpoint> ParseEndpoint(std::string_view text) {
  Endpoint endpoint;
  endpoint.text = std::string(text);
  constexpr std::string_view kUnix = "unix://";
  constexpr std::string_view kTcp = "tcp://";
  if (text.substr(0, kUnix.size()) == kUnix && text.size() > kUnix.size()) {
    endpoint.unix_path = std::string(text.substr(kUnix.size()));
    return endpoint;
  }
  if (text.substr(0, kTcp.size()) == kTcp) {
    std::string_view rest = text.substr(kTcp.size());
    rest = rest.substr(0, rest.find('/'));
    const size_t colon = rest.rfind(':');
    if (colon != rest.npos && colon > 0 && colon + 1 < rest.size()) {
      endpoint.host = std::string(rest.substr(0, colon));
      endpoint.port = std::string(rest.substr(colon + 1));
      if (endpoint.host.size() > 2 && endpoint.host.front() == '[' &&
          endpoint.host.back() == ']') {
        endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
      }
      return endpoint;
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("endpoint \"", endpoint.text,
                   "\": give unix:///path/of/socket or tcp://host:port"));
}

absl::StatusOr<UniqueFd> Connect(const Endpoint& endpoint) {
  return endpoint.unix_path.empty() ? ConnectTcp(endpoint)
                                    : ConnectUnix(endpoint);
}

}  // namespace tug::http
