// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/json_values.h"

#include <map>

namespace tug::gatewayd {

namespace json = boost::json;

json::array EncodeStrings(
    const google::protobuf::RepeatedPtrField<std::string>& values) {
  return json::array(values.begin(), values.end());
}

json::object EncodeKeys(
    const google::protobuf::RepeatedPtrField<std::string>& keys) {
  json::object object;
  for (const std::string& key : keys) object[key] = json::object();
  return object;
}

json::object EncodeStringMap(
    const google::protobuf::Map<std::string, std::string>& values) {
  json::object object;
  for (const auto& [key, value] :
       std::map<std::string, std::string>(values.begin(), values.end())) {
    object[key] = value;
  }
  return object;
}

}  // namespace tug::gatewayd
