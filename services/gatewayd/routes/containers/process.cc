// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/containers/handlers.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/streams/terminal_size.h"
#include "services/gatewayd/translate/json_values.h"

namespace tug::gatewayd {

namespace json = boost::json;

absl::Status Resize(const ContainerParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const TerminalSize size, ReadTerminalSize(context.query()));
  ASSIGN_OR_RETURN(const auto container, FindContainer(parts, context));
  context.subject = container.id();
  runtime::v1::ResizeContainerRequest request;
  request.set_id(container.id());
  request.set_height(size.height);
  request.set_width(size.width);
  RETURN_IF_ERROR(parts.peers.containers.ResizeContainer(request));
  return context.RespondEmpty(200);
}

absl::Status Top(const ContainerParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const auto container, FindContainer(parts, context));
  context.subject = container.id();
  runtime::v1::ListProcessesRequest request;
  request.set_id(container.id());
  request.set_ps_args(context.query().Get("ps_args"));
  ASSIGN_OR_RETURN(const auto listed,
                   parts.peers.containers.ListProcesses(request));
  json::array processes;
  for (const auto& row : listed.rows()) {
    processes.emplace_back(EncodeStrings(row.cells()));
  }
  return context.RespondJson(
      200, json::object{{"Processes", std::move(processes)},
                        {"Titles", EncodeStrings(listed.titles())}});
}

}  // namespace tug::gatewayd
