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

absl::Status ConnectToBuilder(const BuilderConnector& connect,
                              RequestContext& context) {
  const std::string protocol(context.head().headers.Get("Upgrade"));
  if (protocol.empty()) {
    return DockerError(500, "no upgrade proto in request");
  }
  if (protocol != "h2c") {
    return DockerError(500,
                       absl::StrCat("protocol ", protocol, " not supported"));
  }
  // Not the client's socket itself: bytes that came with the request must go
  // first, and the connection stays one that the server counts and can end.
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    return ErrnoStatus(errno, "make a stream to the builder");
  }
  UniqueFd ours(pair[0]);
  UniqueFd builders(pair[1]);
  http::ResponseHead head;
  head.status = 101;
  head.reason = "Switching Protocols";
  head.headers.Add("Connection", "Upgrade");
  head.headers.Add("Upgrade", "h2c");
  ASSIGN_OR_RETURN(auto client, context.exchange().Hijack(std::move(head)));
  connect(std::move(builders));
  SpliceOptions options;
  options.input = true;
  SpliceStreams(std::move(client), std::move(ours), options);
  return absl::OkStatus();
}

}  // namespace tug::gatewayd
