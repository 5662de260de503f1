// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/http/websocket.h"
#include "services/gatewayd/routes/containers/handlers.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/streams/detach_keys.h"
#include "services/gatewayd/streams/frame_stripper.h"
#include "services/gatewayd/streams/hijack.h"
#include "services/gatewayd/translate/errors.h"

namespace tug::gatewayd {
namespace {

constexpr ApiVersion kBinaryMessages = {1, 28};

absl::Status CheckAttachable(const RequestContext& context,
                             const runtime::v1::Container& container) {
  const std::string& name = context.parameter();
  switch (container.state()) {
    case runtime::v1::CONTAINER_STATE_PAUSED:
      return DockerError(
          409, absl::StrCat("container ", name,
                            " is paused, unpause the container before attach"));
    case runtime::v1::CONTAINER_STATE_RESTARTING:
      return DockerError(
          409, absl::StrCat("container ", name,
                            " is restarting, wait until the container is "
                            "running"));
    default:
      return absl::OkStatus();
  }
}

// A session that has been granted, and the container's end of it.
struct Session {
  bool tty = false;
  bool input = false;
  // Empty: nothing detaches.
  std::string detach_keys;
  UniqueFd stream;
};

// `accept` has the last word before the container notices anything.
absl::StatusOr<Session> OpenSession(const ContainerParts& parts,
                                    RequestContext& context,
                                    absl::FunctionRef<absl::Status()> accept) {
  ASSIGN_OR_RETURN(const std::string keys,
                   ParseDetachKeys(context.query().Get("detachKeys")));
  ASSIGN_OR_RETURN(const auto container, FindContainer(parts, context));
  RETURN_IF_ERROR(CheckAttachable(context, container));
  RETURN_IF_ERROR(accept());
  Session session;
  session.tty = container.config().tty();
  session.input = context.QueryBool("stdin") && context.QueryBool("stream");
  if (session.tty && session.input) session.detach_keys = keys;
  runtime::v1::AttachContainerRequest request;
  request.set_id(container.id());
  request.set_stdin(session.input);
  request.set_stdout(context.QueryBool("stdout"));
  request.set_stderr(context.QueryBool("stderr"));
  request.set_logs(context.QueryBool("logs"));
  request.set_stream(context.QueryBool("stream"));
  ASSIGN_OR_RETURN(const auto response,
                   parts.peers.containers.AttachContainer(request));
  ASSIGN_OR_RETURN(session.stream,
                   parts.peers.tickets.Redeem(response.ticket()));
  return session;
}

absl::Status TryAttach(const ContainerParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(Session session, OpenSession(parts, context, [] {
                     return absl::OkStatus();
                   }));
  ASSIGN_OR_RETURN(auto client, HijackConnection(context, session.tty));
  SpliceOptions options;
  options.input = session.input;
  options.detach_keys = session.detach_keys;
  SpliceStreams(std::move(client), std::move(session.stream), options);
  return absl::OkStatus();
}

}  // namespace

absl::Status Attach(const ContainerParts& parts, RequestContext& context) {
  const absl::Status status = TryAttach(parts, context);
  if (status.ok() || context.exchange().responded()) return status;
  // Docker answers plain text here: the client expects a stream.
  const HttpError error = TranslateError(status, context.subject);
  return context.RespondText(error.status, kRawStream,
                             absl::StrCat(error.message, "\r\n"));
}

// As Docker's: output and errors are one, in binary messages from 1.28 on.
absl::Status AttachWebSocket(const ContainerParts& parts,
                             RequestContext& context) {
  ASSIGN_OR_RETURN(Session session, OpenSession(parts, context, [&context] {
                     if (http::IsWebSocketRequest(context.head()))
                       return absl::OkStatus();
                     return DockerError(400, "not websocket protocol");
                   }));
  http::WebSocketBridge bridge;
  bridge.stream = std::move(session.stream);
  bridge.input = session.input;
  bridge.binary = context.version() >= kBinaryMessages;
  FrameStripper stripper;
  if (!session.tty) {
    bridge.to_client = [&stripper](std::string_view in, std::string& out) {
      stripper.Strip(absl::string_view(in.data(), in.size()), out);
      return true;
    };
  }
  DetachScanner scanner(session.detach_keys);
  if (!session.detach_keys.empty()) {
    bridge.from_client = [&scanner](std::string_view in, std::string& out) {
      return !scanner.Scan(absl::string_view(in.data(), in.size()), out);
    };
  }
  return http::ServeWebSocket(context.exchange(), std::move(bridge));
}

}  // namespace tug::gatewayd
