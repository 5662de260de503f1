// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/containers/handlers.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/container_json.h"

namespace tug::gatewayd {

namespace json = boost::json;

absl::Status Update(const ContainerParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const auto body, context.ReadJsonBody());
  ASSIGN_OR_RETURN(auto request,
                   DecodeUpdateBody(body.value_or(json::object())));
  ASSIGN_OR_RETURN(const auto container, FindContainer(parts, context));
  request.set_id(container.id());
  ASSIGN_OR_RETURN(const auto updated,
                   parts.peers.containers.UpdateContainer(request));
  json::value warnings = nullptr;
  for (const std::string& text : updated.warnings()) {
    if (warnings.is_null()) warnings.emplace_array();
    warnings.get_array().emplace_back(text);
  }
  return context.RespondJson(200, json::object{{"Warnings", warnings}});
}

}  // namespace tug::gatewayd
