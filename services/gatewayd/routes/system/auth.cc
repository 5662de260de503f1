// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_cat.h"
#include "boost/json/object.hpp"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/system/handlers.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/json_codec.h"
#include "services/gatewayd/translate/registry_auth.h"

namespace tug::gatewayd {
namespace {

absl::Status Explain(const absl::Status& status, const std::string& host) {
  const std::string reason = StatusReason(status);
  if (reason == "CREDENTIALS_REFUSED" || reason == "ACCESS_DENIED") {
    return DockerError(401, absl::StrCat("login attempt to https://", host,
                                         "/v2/ failed with status: 401 "
                                         "Unauthorized"));
  }
  if (reason == "REGISTRY_UNREACHABLE") {
    return DockerError(500, std::string(status.message()));
  }
  return status;
}

}  // namespace

absl::Status Authenticate(const SystemParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const auto body, context.ReadJsonBody());
  if (!body.has_value()) {
    return DockerError(400,
                       "invalid X-Registry-Auth header: invalid JSON: EOF");
  }
  if (!body->is_object()) {
    return JsonTypeError(*body, {}, "registry.AuthConfig");
  }
  ASSIGN_OR_RETURN(const RegistryAuth auth, DecodeAuthBody(body->get_object()));
  registry::v1::CheckCredentialsRequest request;
  request.set_host(RegistryHost(auth.server_address));
  *request.mutable_credentials() = auth.credentials;
  const auto checked = parts.peers.registries.CheckCredentials(request);
  if (!checked.ok()) return Explain(checked.status(), request.host());
  boost::json::object answer;
  answer["Status"] = "Login Succeeded";
  if (!checked->identity_token().empty()) {
    answer["IdentityToken"] = checked->identity_token();
  }
  return context.RespondJson(200, answer);
}

}  // namespace tug::gatewayd
