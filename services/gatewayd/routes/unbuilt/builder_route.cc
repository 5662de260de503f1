// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/unbuilt/builder_route.h"

#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/streams/hijack.h"

namespace tug::gatewayd {
namespace {

// Takes the connection over for HTTP/2. `refusal`: the status without an
// upgrade to it.
absl::StatusOr<http::Exchange::Raw> UpgradeToHttp2(RequestContext& context,
                                                   int refusal) {
  const std::string protocol(context.head().headers.Get("Upgrade"));
  if (protocol.empty()) {
    return DockerError(refusal, "no upgrade proto in request");
  }
  if (protocol != "h2c") {
    return DockerError(refusal,
                       absl::StrCat("protocol ", protocol, " not supported"));
  }
  http::ResponseHead head;
  head.status = 101;
  head.reason = "Switching Protocols";
  head.headers.Add("Connection", "Upgrade");
  head.headers.Add("Upgrade", "h2c");
  return context.exchange().Hijack(std::move(head));
}

}  // namespace

absl::Status ConnectToBuilder(const BuilderConnector& connect,
                              RequestContext& context) {
  // Not the client's socket itself: bytes that came with the request must go
  // first, and the connection stays one that the server counts and can end.
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    return ErrnoStatus(errno, "make a stream to the builder");
  }
  UniqueFd ours(pair[0]);
  UniqueFd builders(pair[1]);
  ASSIGN_OR_RETURN(auto client, UpgradeToHttp2(context, 500));
  connect(std::move(builders));
  SpliceOptions options;
  options.input = true;
  SpliceStreams(std::move(client), std::move(ours), options);
  return absl::OkStatus();
}

absl::Status HoldSession(RequestContext& context) {
  ASSIGN_OR_RETURN(const auto client, UpgradeToHttp2(context, 400));
  char ignored[4096];
  for (;;) {
    const ssize_t size =
        ::recv(client.socket.get(), ignored, sizeof(ignored), 0);
    if (size == 0 || (size < 0 && errno != EINTR)) return absl::OkStatus();
  }
}

}  // namespace tug::gatewayd
