// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/containers/handlers.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/streams/detach_keys.h"
#include "services/gatewayd/streams/hijack.h"
#include "services/gatewayd/translate/errors.h"

namespace tug::gatewayd {
namespace {

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

absl::Status TryAttach(const ContainerParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const auto container, FindContainer(parts, context));
  RETURN_IF_ERROR(CheckAttachable(context, container));
  const bool tty = container.config().tty();
  SpliceOptions options;
  ASSIGN_OR_RETURN(const std::string keys,
                   ParseDetachKeys(context.query().Get("detachKeys")));
  options.input = context.QueryBool("stdin") && context.QueryBool("stream");
  if (tty && options.input) options.detach_keys = keys;
  runtime::v1::AttachContainerRequest request;
  request.set_id(container.id());
  request.set_stdin(options.input);
  request.set_stdout(context.QueryBool("stdout"));
  request.set_stderr(context.QueryBool("stderr"));
  request.set_logs(context.QueryBool("logs"));
  request.set_stream(context.QueryBool("stream"));
  ASSIGN_OR_RETURN(const auto response,
                   parts.peers.containers.AttachContainer(request));
  ASSIGN_OR_RETURN(UniqueFd stream,
                   parts.peers.tickets.Redeem(response.ticket()));
  ASSIGN_OR_RETURN(auto client, HijackConnection(context, tty));
  SpliceStreams(std::move(client), std::move(stream), options);
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

}  // namespace tug::gatewayd
