// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "boost/json/array.hpp"
#include "proto/tug/runtime/v1/container_config.pb.h"
#include "proto/tug/type/v1/type.pb.h"
#include "services/gatewayd/translate/json_codec.h"
#include "services/gatewayd/translate/json_field.h"
#include "services/gatewayd/translate/json_values.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

json::object EncodePortMap(const runtime::v1::PortMap& map) {
  std::map<std::string, const runtime::v1::PortBindingList*> sorted;
  for (const auto& [port, list] : map.ports()) sorted[port] = &list;
  json::object object;
  for (const auto& [port, list] : sorted) {
    json::array bindings;
    for (const auto& binding : list->bindings()) {
      bindings.push_back(EncodeMessage(binding));
    }
    object[port] = std::move(bindings);
  }
  return object;
}

json::value EncodeScalar(const Message& message, const FieldDescriptor* field) {
  const Reflection& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, field);
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection.GetInt32(message, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection.GetInt64(message, field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection.GetUInt32(message, field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return reflection.GetUInt64(message, field);
    default:
      return json::value(reflection.GetString(message, field));
  }
}

json::value EncodeSubmessage(const Message& sub) {
  if (auto* list = dynamic_cast<const type::v1::StringList*>(&sub)) {
    return EncodeStrings(list->values());
  }
  if (auto* map = dynamic_cast<const type::v1::StringMap*>(&sub)) {
    return EncodeStringMap(map->values());
  }
  if (auto* set = dynamic_cast<const runtime::v1::PortSet*>(&sub)) {
    return EncodeKeys(set->ports());
  }
  if (auto* set = dynamic_cast<const runtime::v1::PathSet*>(&sub)) {
    return EncodeKeys(set->paths());
  }
  if (auto* map = dynamic_cast<const runtime::v1::PortMap*>(&sub)) {
    return EncodePortMap(*map);
  }
  const auto* type = sub.GetDescriptor();
  if (type->field_count() == 1 && type->field(0)->name() == "values") {
    json::array array;
    const Reflection& reflection = *sub.GetReflection();
    for (int i = 0; i < reflection.FieldSize(sub, type->field(0)); ++i) {
      array.push_back(
          EncodeMessage(reflection.GetRepeatedMessage(sub, type->field(0), i)));
    }
    return array;
  }
  return EncodeMessage(sub);
}

json::value EncodeRepeated(const Message& message,
                           const FieldDescriptor* field) {
  const Reflection& reflection = *message.GetReflection();
  const int size = reflection.FieldSize(message, field);
  json::array array;
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
    // Always a pair.
    for (int i = 0; i < 2; ++i) {
      array.push_back(i < size ? reflection.GetRepeatedUInt32(message, field, i)
                               : 0U);
    }
    return array;
  }
  if (size == 0) return nullptr;
  for (int i = 0; i < size; ++i) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      array.emplace_back(reflection.GetRepeatedString(message, field, i));
    } else {
      array.push_back(
          EncodeSubmessage(reflection.GetRepeatedMessage(message, field, i)));
    }
  }
  return array;
}

bool HasPresence(const FieldDescriptor* field) {
  return field->has_presence() && !field->is_repeated();
}

bool IsEmpty(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return true;
    case json::kind::bool_:
      return !value.get_bool();
    case json::kind::int64:
      return value.get_int64() == 0;
    case json::kind::uint64:
      return value.get_uint64() == 0;
    case json::kind::string:
      return value.get_string().empty();
    case json::kind::array:
      return value.get_array().empty();
    case json::kind::object:
      return value.get_object().empty();
    default:
      return false;
  }
}

void Encode(const Message& message, const JsonField& shape,
            json::object& object) {
  const FieldDescriptor* const field = shape.field;
  const Reflection& reflection = *message.GetReflection();
  if (field->is_repeated()) {
    json::value value = EncodeRepeated(message, field);
    if (shape.empty == Empty::kOmitted && IsEmpty(value)) return;
    object[shape.name] = std::move(value);
    return;
  }
  const bool absent =
      HasPresence(field) && !reflection.HasField(message, field);
  if (absent && shape.empty != Empty::kZero) {
    if (shape.empty == Empty::kShown) object[shape.name] = nullptr;
    return;
  }
  json::value value =
      field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE
          ? EncodeSubmessage(reflection.GetMessage(message, field))
          : EncodeScalar(message, field);
  if (shape.empty == Empty::kOmitted && IsEmpty(value)) return;
  object[shape.name] = std::move(value);
}

}  // namespace

json::object EncodeMessage(const Message& message) {
  json::object object;
  for (const JsonField& shape : JsonFields(*message.GetDescriptor())) {
    Encode(message, shape, object);
  }
  return object;
}

void EncodeField(const Message& message, absl::string_view json_name,
                 json::object& object) {
  const JsonField* shape = FindJsonField(*message.GetDescriptor(), json_name);
  if (shape != nullptr) Encode(message, *shape, object);
}

}  // namespace tug::gatewayd
