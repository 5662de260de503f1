// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/container_json.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/translate/create_versions.h"
#include "services/gatewayd/translate/endpoint_json.h"
#include "services/gatewayd/translate/json_codec.h"
#include "services/gatewayd/translate/json_field.h"
#include "services/gatewayd/translate/unsupported_fields.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

absl::Status DecodeTop(absl::string_view key, const json::value& value,
                       CreateBody& body) {
  const JsonPlace place = {"CreateRequest", std::string(key)};
  if (key == "HostConfig") {
    if (!value.is_object()) {
      return JsonTypeError(value, place, "container.HostConfig");
    }
    return DecodeMessage(value.get_object(), {"HostConfig", "HostConfig."},
                         body.host_config);
  }
  if (!value.is_object()) {
    return JsonTypeError(value, place, "network.NetworkingConfig");
  }
  ASSIGN_OR_RETURN(body.endpoints, DecodeNetworkingConfig(value.get_object()));
  return absl::OkStatus();
}

absl::Status NoConfig() {
  return absl::InvalidArgumentError(
      "config cannot be empty in order to create a container");
}

// Whether any key means a field of Config.
bool HasConfig(const json::object& object) {
  for (const auto& entry : object) {
    if (FindJsonField(*runtime::v1::Config::descriptor(), View(entry.key())) !=
        nullptr) {
      return true;
    }
  }
  return false;
}

// What Docker takes for "not set".
void Normalize(runtime::v1::HostConfig& host) {
  if (host.has_pids_limit() && host.pids_limit() <= 0) host.clear_pids_limit();
  if (host.has_memory_swappiness() && host.memory_swappiness() == -1) {
    host.clear_memory_swappiness();
  }
}

void WarnOfEmptyBindings(CreateBody& body) {
  std::vector<std::string> empty;
  for (auto& [port, list] :
       *body.host_config.mutable_port_bindings()->mutable_ports()) {
    if (!list.bindings().empty()) continue;
    list.add_bindings();
    empty.push_back(port);
  }
  if (empty.empty()) return;
  std::sort(empty.begin(), empty.end());
  body.warnings.push_back(absl::StrCat(
      "Following container port(s) have an empty list of port-bindings: ",
      absl::StrJoin(empty, ", "),
      ". Such bindings will be discarded in a future version."));
}

}  // namespace

absl::StatusOr<CreateBody> DecodeCreateBody(const json::value& value,
                                            ApiVersion version) {
  if (value.is_null()) return NoConfig();
  if (!value.is_object()) {
    return JsonTypeError(value, {}, "container.CreateRequest");
  }
  CreateBody body;
  json::object config;
  for (const auto& entry : value.get_object()) {
    bool top = false;
    for (absl::string_view key : {"HostConfig", "NetworkingConfig"}) {
      if (!absl::EqualsIgnoreCase(key, View(entry.key()))) continue;
      top = true;
      if (entry.value().is_null()) continue;
      RETURN_IF_ERROR(DecodeTop(key, entry.value(), body));
    }
    if (!top) config[entry.key()] = entry.value();
  }
  if (!HasConfig(config)) return NoConfig();
  RETURN_IF_ERROR(
      DecodeMessage(config, {"CreateRequest", "Config."}, body.config));
  Normalize(body.host_config);
  RETURN_IF_ERROR(DropNewerFields(version, body));
  WarnOfEmptyBindings(body);
  AddUnsupportedWarnings(body.host_config, body.warnings);
  return body;
}

json::object EncodeConfig(const runtime::v1::Config& config,
                          ApiVersion version) {
  json::object object = EncodeMessage(config);
  // Moved to the endpoints in 1.44, and gone in 1.52.
  if (version >= ApiVersion{1, 52}) object.erase("MacAddress");
  return object;
}

json::object EncodeHostConfig(const runtime::v1::HostConfig& config,
                              ApiVersion version) {
  json::object object = EncodeMessage(config);
  if (version < ApiVersion{1, 43}) object.erase("Annotations");
  return object;
}

}  // namespace tug::gatewayd
