// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/execs/exec_routes.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/json/object.hpp"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/execs/exec_json.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/streams/detach_keys.h"
#include "services/gatewayd/streams/hijack.h"
#include "services/gatewayd/streams/terminal_size.h"
#include "services/gatewayd/translate/errors.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using runtime::v1::Exec;

// The first version that knows an exec's console size.
constexpr ApiVersion kConsoleSize = {1, 42};

absl::StatusOr<Exec> FindExec(const Peers& peers,
                              const RequestContext& context) {
  runtime::v1::GetExecRequest request;
  request.set_id(context.parameter());
  return peers.execs.GetExec(request);
}

absl::Status CreateExec(const Peers& peers, RequestContext& context) {
  ASSIGN_OR_RETURN(const auto body, context.ReadJsonBody());
  ASSIGN_OR_RETURN(runtime::v1::ExecConfig config,
                   DecodeExecBody(body.value_or(nullptr)));
  if (context.version() < kConsoleSize) config.clear_console_size();
  if (!config.detach_keys().empty() &&
      !ParseDetachKeys(config.detach_keys()).ok()) {
    return DockerError(500, absl::StrCat("Invalid escape keys (",
                                         config.detach_keys(), ") provided"));
  }
  runtime::v1::GetContainerRequest find;
  find.set_reference(context.parameter());
  ASSIGN_OR_RETURN(const auto container, peers.containers.GetContainer(find));
  runtime::v1::CreateExecRequest request;
  request.set_container_id(container.id());
  *request.mutable_config() = config;
  const auto exec = peers.execs.CreateExec(request);
  if (StatusReason(exec.status()) == "CONTAINER_NOT_RUNNING") {
    return DockerError(
        409, absl::StrCat("container ", container.id(), " is not running"));
  }
  RETURN_IF_ERROR(exec.status());
  return context.RespondJson(201, json::object{{"Id", exec->id()}});
}

absl::Status InspectExec(const Peers& peers, RequestContext& context) {
  ASSIGN_OR_RETURN(const Exec exec, FindExec(peers, context));
  return context.RespondJson(200, EncodeExec(exec));
}

absl::Status ResizeExec(const Peers& peers, RequestContext& context) {
  ASSIGN_OR_RETURN(const TerminalSize size, ReadTerminalSize(context.query()));
  ASSIGN_OR_RETURN(const Exec exec, FindExec(peers, context));
  runtime::v1::ResizeExecRequest request;
  request.set_id(exec.id());
  request.set_height(size.height);
  request.set_width(size.width);
  RETURN_IF_ERROR(peers.execs.ResizeExec(request));
  return context.RespondEmpty(200);
}

// What Docker refuses before it takes the connection over.
absl::Status CheckStartable(const Exec& exec) {
  if (exec.running()) {
    return DockerError(
        409, absl::StrCat("exec command ", exec.id(), " is already running"));
  }
  if (exec.has_exit_code()) {
    return DockerError(
        409, absl::StrCat("exec command ", exec.id(), " has already run"));
  }
  return absl::OkStatus();
}

absl::StatusOr<UniqueFd> StartStream(
    const Peers& peers, const runtime::v1::StartExecRequest& request) {
  ASSIGN_OR_RETURN(const auto started, peers.execs.StartExec(request));
  return peers.tickets.Redeem(started.ticket());
}

// The connection is taken over first, so that the head is on its way before the
// process can write anything. An exec that cannot be started is answered on
// the stream itself, as by Docker: the client shows the text and reads the exit
// code by inspect.
absl::Status Attach(const Peers& peers, RequestContext& context,
                    const Exec& exec,
                    const runtime::v1::StartExecRequest& request) {
  RETURN_IF_ERROR(CheckStartable(exec));
  // The form of the stream is the start's to choose, whatever the exec has.
  const bool raw = request.raw();
  SpliceOptions options;
  options.input = exec.config().attach_stdin();
  if (exec.config().tty() && options.input) {
    ASSIGN_OR_RETURN(options.detach_keys,
                     ParseDetachKeys(exec.config().detach_keys()));
  }
  // Clients ask for the exit code as soon as the stream ends. A process that
  // closes its streams and runs on is not waited for beyond a call's deadline.
  options.container_ended = [&] {
    runtime::v1::WaitExecRequest wait;
    wait.set_id(exec.id());
    const absl::Status ended = peers.execs.WaitExec(wait).status();
    if (!absl::IsDeadlineExceeded(ended)) LogIfError(ended, "wait for an exec");
  };
  ASSIGN_OR_RETURN(auto client, HijackConnection(context, raw));
  absl::StatusOr<UniqueFd> stream = StartStream(peers, request);
  if (!stream.ok()) {
    const HttpError error = TranslateError(stream.status(), exec.id());
    return WriteText(client, raw, absl::StrCat(error.message, "\r\n"));
  }
  SpliceStreams(std::move(client), *std::move(stream), options);
  return absl::OkStatus();
}

absl::Status StartExec(const Peers& peers, RequestContext& context) {
  ASSIGN_OR_RETURN(const auto body, context.ReadJsonBody());
  ASSIGN_OR_RETURN(const ExecStartBody start,
                   DecodeExecStart(body.value_or(nullptr)));
  ASSIGN_OR_RETURN(const Exec exec, FindExec(peers, context));
  runtime::v1::StartExecRequest request;
  request.set_id(exec.id());
  request.set_detach(start.detach);
  request.set_raw(start.tty);
  // A start without a terminal has no size to tell, whatever the exec has.
  if (start.tty && context.version() >= kConsoleSize) {
    request.mutable_console_size()->Add(start.console_size.begin(),
                                        start.console_size.end());
  }
  if (!start.detach) return Attach(peers, context, exec, request);
  RETURN_IF_ERROR(peers.execs.StartExec(request).status());
  return context.RespondEmpty(200);
}

}  // namespace

std::vector<Route> ExecRoutes(const Peers& peers) {
  using PeerHandler = absl::Status (*)(const Peers&, RequestContext&);
  const auto with = [&peers](PeerHandler handler) {
    return [&peers, handler](RequestContext& context) {
      return handler(peers, context);
    };
  };
  return {
      {"POST", "/containers/{name}/exec", kOldestApi, with(CreateExec)},
      {"GET", "/exec/{id}/json", kOldestApi, with(InspectExec)},
      {"POST", "/exec/{id}/start", kOldestApi, with(StartExec)},
      {"POST", "/exec/{id}/resize", kOldestApi, with(ResizeExec)},
  };
}

}  // namespace tug::gatewayd
