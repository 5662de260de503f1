// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "boost/json/object.hpp"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/containers/handlers.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using runtime::v1::Container;

// First version with conditions.
constexpr ApiVersion kConditions = {1, 30};

absl::StatusOr<runtime::v1::WaitCondition> Condition(
    const RequestContext& context) {
  const std::string text =
      context.version() < kConditions ? "" : context.query().Get("condition");
  if (text.empty() || text == "not-running") {
    return runtime::v1::WAIT_CONDITION_NOT_RUNNING;
  }
  if (text == "next-exit") return runtime::v1::WAIT_CONDITION_NEXT_EXIT;
  if (text == "removed") return runtime::v1::WAIT_CONDITION_REMOVED;
  return DockerError(400, absl::StrCat("invalid condition: \"", text, "\""));
}

json::object Encode(const runtime::v1::WaitContainerResponse::Result& result) {
  json::object object{{"StatusCode", result.exit_code()}};
  if (!result.error().empty()) {
    object["Error"] = json::object{{"Message", result.error()}};
  }
  return object;
}

absl::Status Answer(RequestContext& context,
                    const runtime::v1::WaitContainerResponse& response) {
  // The header tells the client that the wait is registered.
  if (!context.exchange().responded()) {
    RETURN_IF_ERROR(context.exchange().StartStream(
        context.NewHead(200, "application/json")));
  }
  if (!response.has_result()) return absl::OkStatus();
  return context.exchange().WriteSome(ToDockerJson(Encode(response.result())) +
                                      "\n");
}

// What to wait for after the runtime was away: an end that was waited for may
// have come meanwhile.
runtime::v1::WaitCondition Resume(runtime::v1::WaitCondition condition,
                                  const Container& before,
                                  const Container& now) {
  if (condition != runtime::v1::WAIT_CONDITION_NEXT_EXIT) return condition;
  const bool same_life = before.started_at().SerializeAsString() ==
                         now.started_at().SerializeAsString();
  const bool ran = before.state() == runtime::v1::CONTAINER_STATE_RUNNING ||
                   before.state() == runtime::v1::CONTAINER_STATE_PAUSED;
  return same_life && !ran ? condition
                           : runtime::v1::WAIT_CONDITION_NOT_RUNNING;
}

// Waits on, for as long as the client does, across restarts of the runtime.
absl::Status WaitAcrossRestarts(const ContainerParts& parts,
                                RequestContext& context,
                                const Container& container,
                                runtime::v1::WaitCondition condition) {
  Container last = container;
  runtime::v1::WaitContainerRequest request;
  request.set_id(container.id());
  request.set_condition(condition);
  for (;;) {
    const absl::Status waited = parts.peers.containers.WaitContainer(
        request, &context.client_gone(),
        [&](const auto& response) { return Answer(context, response); });
    if (!absl::IsUnavailable(waited) || !context.exchange().responded() ||
        context.client_gone().cancelled()) {
      return waited;
    }
    runtime::v1::GetContainerRequest find;
    find.set_reference(container.id());
    const auto now = parts.peers.containers.GetContainer(find);
    if (now.ok()) {
      last = *now;
      request.set_condition(Resume(condition, container, last));
    } else if (absl::IsNotFound(now.status())) {
      runtime::v1::WaitContainerResponse gone;
      gone.mutable_result()->set_exit_code(last.exit_code());
      return Answer(context, gone);
    } else if (!absl::IsUnavailable(now.status()) &&
               !absl::IsDeadlineExceeded(now.status())) {
      return now.status();
    }
  }
}

}  // namespace

absl::Status Wait(const ContainerParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const auto condition, Condition(context));
  ASSIGN_OR_RETURN(const Container container, FindContainer(parts, context));
  return WaitAcrossRestarts(parts, context, container, condition);
}

}  // namespace tug::gatewayd
