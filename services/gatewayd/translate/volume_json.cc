// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/volume_json.h"

#include "lib/base/status_macros.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/json_read.h"
#include "services/gatewayd/translate/json_values.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {

namespace json = boost::json;

json::object EncodeVolume(const volume::v1::Volume& volume) {
  json::object object;
  object["CreatedAt"] = FormatSeconds(volume.created());
  object["Driver"] = volume.driver();
  object["Labels"] = nullptr;
  if (!volume.labels().empty()) {
    object["Labels"] = EncodeStringMap(volume.labels());
  }
  object["Mountpoint"] = volume.mountpoint();
  object["Name"] = volume.name();
  object["Options"] = nullptr;
  if (volume.has_options()) {
    object["Options"] = EncodeStringMap(volume.options().values());
  }
  object["Scope"] = "local";
  return object;
}

absl::StatusOr<volume::v1::CreateVolumeRequest> DecodeVolumeCreate(
    const json::value& body) {
  if (!body.is_object()) {
    return JsonTypeError(body, {}, "volume.CreateRequest");
  }
  const JsonReader reader(body.get_object(), {"CreateRequest", ""});
  if (reader.Find("ClusterVolumeSpec") != nullptr) {
    return DockerError(503,
                       "This node is not a swarm manager. Use \"docker swarm "
                       "init\" or \"docker swarm join\" to connect this node "
                       "to swarm and try again.");
  }
  volume::v1::CreateVolumeRequest request;
  ASSIGN_OR_RETURN(*request.mutable_name(), reader.String("Name"));
  ASSIGN_OR_RETURN(*request.mutable_driver(), reader.String("Driver"));
  ASSIGN_OR_RETURN(const auto labels, reader.StringMap("Labels"));
  for (const auto& [key, value] : labels.value_or(JsonReader::Pairs())) {
    (*request.mutable_labels())[key] = value;
  }
  ASSIGN_OR_RETURN(const auto options, reader.StringMap("DriverOpts"));
  if (options.has_value()) {
    auto& values = *request.mutable_options()->mutable_values();
    for (const auto& [key, value] : *options) values[key] = value;
  }
  return request;
}

}  // namespace tug::gatewayd
