// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "boost/json/object.hpp"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/containers/handlers.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

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

}  // namespace

absl::Status Wait(const ContainerParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const auto condition, Condition(context));
  ASSIGN_OR_RETURN(const auto container, FindContainer(parts, context));
  runtime::v1::WaitContainerRequest request;
  request.set_id(container.id());
  request.set_condition(condition);
  return parts.peers.containers.WaitContainer(
      request, &context.client_gone(),
      [&](const runtime::v1::WaitContainerResponse& response) -> absl::Status {
        // The header tells the client that the wait is registered.
        if (!context.exchange().responded()) {
          RETURN_IF_ERROR(context.exchange().StartStream(
              context.NewHead(200, "application/json")));
        }
        if (!response.has_result()) return absl::OkStatus();
        return context.exchange().WriteSome(
            ToDockerJson(Encode(response.result())) + "\n");
      });
}

}  // namespace tug::gatewayd
