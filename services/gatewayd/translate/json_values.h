// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "google/protobuf/map.h"
#include "google/protobuf/repeated_field.h"

namespace tug::gatewayd {

// ["a", "b"]
boost::json::array EncodeStrings(
    const google::protobuf::RepeatedPtrField<std::string>& values);

// {"a": {}, "b": {}}: how Docker writes a set.
boost::json::object EncodeKeys(
    const google::protobuf::RepeatedPtrField<std::string>& keys);

// {"key": "value"}, in the order of the keys, so that answers repeat.
boost::json::object EncodeStringMap(
    const google::protobuf::Map<std::string, std::string>& values);

}  // namespace tug::gatewayd
