// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/containers/mount_json.h"

#include "boost/json/object.hpp"

namespace tug::gatewayd {

namespace json = boost::json;

json::array EncodeMounts(const runtime::v1::Container& container) {
  json::array array;
  for (const runtime::v1::MountPoint& point : container.mounts()) {
    json::object object{{"Type", point.type()}};
    if (!point.name().empty()) object["Name"] = point.name();
    object["Source"] = point.source();
    object["Destination"] = point.destination();
    if (!point.driver().empty()) object["Driver"] = point.driver();
    object["Mode"] = point.mode();
    object["RW"] = !point.read_only();
    object["Propagation"] = point.propagation();
    array.push_back(std::move(object));
  }
  return array;
}

}  // namespace tug::gatewayd
