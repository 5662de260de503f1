// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/containers/handlers.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/streams/hijack.h"
#include "services/gatewayd/streams/ticket_stream.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

constexpr ApiVersion kMultiplexedType = {1, 42};

// A bound such as "since"; absent when not given, or zero.
absl::StatusOr<std::optional<google::protobuf::Timestamp>> QueryTime(
    const RequestContext& context, const std::string& name) {
  const std::string text = context.query().Get(name);
  if (text.empty() || text == "0") return std::nullopt;
  const auto time = ParseTimestamp(text, absl::Now());
  if (!time.ok()) {
    return DockerError(400, absl::StrCat("invalid value for \"", name,
                                         "\": invalid timestamp \"", text,
                                         "\": ", time.status().message()));
  }
  return ToTimestamp(*time);
}

absl::StatusOr<runtime::v1::ReadLogsRequest> LogsRequest(
    const RequestContext& context, const std::string& id) {
  runtime::v1::ReadLogsRequest request;
  request.set_id(id);
  request.set_stdout(context.QueryBool("stdout"));
  request.set_stderr(context.QueryBool("stderr"));
  request.set_follow(context.QueryBool("follow"));
  request.set_timestamps(context.QueryBool("timestamps"));
  request.set_details(context.QueryBool("details"));
  ASSIGN_OR_RETURN(const auto since, QueryTime(context, "since"));
  if (since.has_value()) *request.mutable_since() = *since;
  ASSIGN_OR_RETURN(const auto until, QueryTime(context, "until"));
  if (until.has_value()) *request.mutable_until() = *until;
  // Docker takes whatever is no number for "all".
  int64_t tail = 0;
  if (absl::SimpleAtoi(context.query().Get("tail"), &tail) && tail >= 0) {
    request.set_tail(tail);
  }
  return request;
}

}  // namespace

absl::Status Logs(const ContainerParts& parts, RequestContext& context) {
  if (!context.QueryBool("stdout") && !context.QueryBool("stderr")) {
    return DockerError(400,
                       "must specify at least one of 'stdout' or 'stderr'");
  }
  ASSIGN_OR_RETURN(const auto container, FindContainer(parts, context));
  ASSIGN_OR_RETURN(const auto request, LogsRequest(context, container.id()));
  const bool framed =
      !container.config().tty() && context.version() >= kMultiplexedType;
  return parts.peers.containers.ReadLogs(
      request, &context.client_gone(),
      [&](const runtime::v1::ReadLogsResponse& response) -> absl::Status {
        if (!response.has_ticket()) return absl::OkStatus();
        ASSIGN_OR_RETURN(const UniqueFd stream,
                         parts.peers.tickets.Redeem(response.ticket()));
        return StreamBody(context, framed ? kMultiplexedStream : kRawStream,
                          stream.get());
      });
}

}  // namespace tug::gatewayd
