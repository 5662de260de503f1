// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "lib/base/status_macros.h"
#include "lib/oci/platform.h"
#include "services/gatewayd/operations/create_container.h"
#include "services/gatewayd/routes/containers/handlers.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/container_json.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

absl::StatusOr<std::optional<image::v1::Platform>> QueryPlatform(
    const RequestContext& context) {
  const std::string text = context.query().Get("platform");
  if (text.empty()) return std::nullopt;
  const auto parsed = oci::ParsePlatformText(text);
  if (!parsed.ok()) {
    return DockerError(400, absl::StrCat("\"", text,
                                         "\": cannot parse platform "
                                         "specifier: invalid argument"));
  }
  image::v1::Platform platform;
  platform.set_os(parsed->os);
  platform.set_architecture(parsed->architecture);
  platform.set_variant(parsed->variant);
  return platform;
}

}  // namespace

absl::Status CreateFromBody(const ContainerParts& parts,
                            RequestContext& context) {
  ASSIGN_OR_RETURN(const auto body, context.ReadJsonBody());
  if (!body.has_value()) return DockerError(400, "invalid JSON: EOF");
  ASSIGN_OR_RETURN(CreateBody request,
                   DecodeCreateBody(*body, context.version()));
  ContainerDraft draft;
  draft.name = context.query().Get("name");
  ASSIGN_OR_RETURN(draft.platform, QueryPlatform(context));
  context.subject = request.config.image();
  draft.config = std::move(request.config);
  draft.host_config = std::move(request.host_config);
  draft.endpoints = std::move(request.endpoints);
  draft.binds_read_only_recursively = request.binds_read_only_recursively;
  ASSIGN_OR_RETURN(const CreatedContainer created,
                   CreateContainer(parts.peers, parts.locks, std::move(draft),
                                   &context.client_gone()));
  json::array warnings;
  for (const std::string& text : request.warnings) warnings.emplace_back(text);
  for (const std::string& text : created.warnings) warnings.emplace_back(text);
  return context.RespondJson(
      201, json::object{{"Id", created.id}, {"Warnings", warnings}});
}

}  // namespace tug::gatewayd
