// SPDX-License-Identifier: Apache-2.0
//
// Docker's JSON to and from messages whose fields are named after Docker's.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "boost/json/object.hpp"
#include "boost/json/value.hpp"
#include "google/protobuf/message.h"

namespace tug::gatewayd {

// Boost's views and Abseil's are different types.
inline absl::string_view View(boost::json::string_view text) {
  return absl::string_view(text.data(), text.size());
}
inline boost::json::string_view ToJsonView(absl::string_view text) {
  return boost::json::string_view(text.data(), text.size());
}

// Where a value stands, for Docker's "cannot unmarshal" texts.
struct JsonPlace {
  // The type that has the field: "CreateRequest".
  std::string struct_name;
  // Path from the top to the field; empty at the top.
  std::string path;
};

// "invalid JSON: json: cannot unmarshal <json> into Go struct field <place> of
// type <go_type>", INVALID_ARGUMENT.
absl::Status JsonTypeError(const boost::json::value& json,
                           const JsonPlace& place, absl::string_view go_type);

// Sets the fields that `json` has; unknown keys are ignored, null means
// absent, keys compare without case. `place.path` is that of the message, with
// a dot at its end unless empty. INVALID_ARGUMENT with Docker's words.
absl::Status DecodeMessage(const boost::json::object& json,
                           const JsonPlace& place,
                           google::protobuf::Message& message);

// All fields, empty ones as json_field.h says.
boost::json::object EncodeMessage(const google::protobuf::Message& message);

// Adds one field as EncodeMessage would. For shapes that need a choice.
void EncodeField(const google::protobuf::Message& message,
                 absl::string_view json_name, boost::json::object& object);

}  // namespace tug::gatewayd
