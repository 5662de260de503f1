// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/base/status_macros.h"
#include "proto/tug/runtime/v1/container_config.pb.h"
#include "proto/tug/type/v1/type.pb.h"
#include "services/gatewayd/translate/json_codec.h"
#include "services/gatewayd/translate/json_field.h"
#include "services/gatewayd/translate/network_text.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// A field being filled, and how to speak of it.
struct Target {
  Message& message;
  const JsonField& shape;
  const JsonPlace& place;

  const FieldDescriptor* field() const { return shape.field; }
  const Reflection& reflection() const { return *message.GetReflection(); }
};

absl::string_view KindName(const json::value& value) {
  switch (value.kind()) {
    case json::kind::bool_:
      return "bool";
    case json::kind::string:
      return "string";
    case json::kind::array:
      return "array";
    case json::kind::object:
      return "object";
    case json::kind::null:
      return "null";
    default:
      return "number";
  }
}

std::string NumberText(const json::value& value) {
  if (value.is_int64()) return absl::StrCat(value.get_int64());
  if (value.is_uint64()) return absl::StrCat(value.get_uint64());
  const double number = value.get_double();
  // Whole numbers past 64 bits came without a point.
  if (std::floor(number) == number && std::fabs(number) < 1e21) {
    return absl::StrFormat("%.0f", number);
  }
  return absl::StrFormat("%.17g", number);
}

absl::Status InvalidJson(const absl::Status& status) {
  return absl::InvalidArgumentError(
      absl::StrCat("invalid JSON: ", status.message()));
}

absl::Status NumberError(const json::value& value, const Target& target) {
  return absl::InvalidArgumentError(absl::StrCat(
      "invalid JSON: json: cannot unmarshal number ", NumberText(value),
      " into Go struct field ", target.place.struct_name, ".",
      target.place.path, " of type ", target.shape.go_type));
}

absl::StatusOr<std::string> ReadString(const json::value& value,
                                       const Target& target) {
  if (value.is_null()) return std::string();
  if (!value.is_string()) {
    return JsonTypeError(value, target.place, target.shape.go_type);
  }
  std::string text(value.get_string());
  if (!target.shape.is_address) return text;
  const absl::StatusOr<std::string> address = NormalizeAddress(text);
  if (!address.ok()) return InvalidJson(address.status());
  return *address;
}

absl::StatusOr<int64_t> ReadSigned(const json::value& value,
                                   const Target& target) {
  if (!value.is_number()) {
    return JsonTypeError(value, target.place, target.shape.go_type);
  }
  if (value.is_int64()) return value.get_int64();
  return NumberError(value, target);
}

absl::StatusOr<uint64_t> ReadUnsigned(const json::value& value,
                                      const Target& target) {
  if (!value.is_number()) {
    return JsonTypeError(value, target.place, target.shape.go_type);
  }
  uint64_t number = 0;
  if (value.is_uint64()) {
    number = value.get_uint64();
  } else if (value.is_int64() && value.get_int64() >= 0) {
    number = static_cast<uint64_t>(value.get_int64());
  } else {
    return NumberError(value, target);
  }
  if (number > target.shape.unsigned_limit) return NumberError(value, target);
  return number;
}

// Docker's int is wider than some of our fields; what lies beyond means the
// same as the limit.
int32_t Clamp(int64_t value) {
  if (value > std::numeric_limits<int32_t>::max()) {
    return std::numeric_limits<int32_t>::max();
  }
  if (value < std::numeric_limits<int32_t>::min()) {
    return std::numeric_limits<int32_t>::min();
  }
  return static_cast<int32_t>(value);
}

absl::Status SetScalar(const json::value& value, const Target& target) {
  const Reflection& reflection = target.reflection();
  switch (target.field()->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL: {
      if (!value.is_bool()) {
        return JsonTypeError(value, target.place, target.shape.go_type);
      }
      reflection.SetBool(&target.message, target.field(), value.get_bool());
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      ASSIGN_OR_RETURN(const int64_t number, ReadSigned(value, target));
      reflection.SetInt32(&target.message, target.field(), Clamp(number));
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      ASSIGN_OR_RETURN(const int64_t number, ReadSigned(value, target));
      reflection.SetInt64(&target.message, target.field(), number);
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_UINT32: {
      ASSIGN_OR_RETURN(const uint64_t number, ReadUnsigned(value, target));
      reflection.SetUInt32(&target.message, target.field(),
                           static_cast<uint32_t>(number));
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_UINT64: {
      ASSIGN_OR_RETURN(const uint64_t number, ReadUnsigned(value, target));
      reflection.SetUInt64(&target.message, target.field(), number);
      return absl::OkStatus();
    }
    default: {
      ASSIGN_OR_RETURN(std::string text, ReadString(value, target));
      reflection.SetString(&target.message, target.field(), std::move(text));
      return absl::OkStatus();
    }
  }
}

// `accepts_text`: a lone string is a list of one.
absl::Status ReadStringList(const json::value& value, const Target& target,
                            bool accepts_text, type::v1::StringList& list) {
  list.clear_values();
  if (value.is_string() && accepts_text) {
    list.add_values(std::string(value.get_string()));
    return absl::OkStatus();
  }
  if (!value.is_array()) {
    return JsonTypeError(value, target.place,
                         absl::StrCat("[]", target.shape.go_type));
  }
  for (const json::value& element : value.get_array()) {
    ASSIGN_OR_RETURN(std::string text, ReadString(element, target));
    list.add_values(std::move(text));
  }
  return absl::OkStatus();
}

absl::Status ReadStringMap(
    const json::value& value, const Target& target,
    google::protobuf::Map<std::string, std::string>& map) {
  if (!value.is_object()) {
    return JsonTypeError(value, target.place, "map[string]string");
  }
  for (const auto& entry : value.get_object()) {
    ASSIGN_OR_RETURN(std::string text, ReadString(entry.value(), target));
    map[std::string(entry.key())] = std::move(text);
  }
  return absl::OkStatus();
}

// Docker's map[string]struct{}: a sorted list of keys.
absl::Status ReadSet(const json::value& value, const Target& target, bool ports,
                     google::protobuf::RepeatedPtrField<std::string>& keys) {
  if (!value.is_object()) {
    return JsonTypeError(value, target.place,
                         ports ? "network.PortSet" : "map[string]struct {}");
  }
  std::set<std::string> sorted;
  for (const auto& entry : value.get_object()) {
    if (!entry.value().is_object() && !entry.value().is_null()) {
      return JsonTypeError(entry.value(), target.place, "struct {}");
    }
    std::string key(entry.key());
    if (ports) {
      const absl::StatusOr<std::string> port = NormalizePort(key);
      if (!port.ok()) return InvalidJson(port.status());
      key = *port;
    }
    sorted.insert(std::move(key));
  }
  keys.Assign(sorted.begin(), sorted.end());
  return absl::OkStatus();
}

JsonPlace Inside(const Target& target, const Descriptor& type) {
  return {GoStructName(type), absl::StrCat(target.place.path, ".")};
}

absl::Status ReadMessage(const json::value& value, const Target& target,
                         Message& message) {
  const Descriptor& type = *message.GetDescriptor();
  if (!value.is_object()) {
    return JsonTypeError(value, target.place, QualifiedGoName(type));
  }
  return DecodeMessage(value.get_object(), Inside(target, type), message);
}

absl::Status ReadPortMap(const json::value& value, const Target& target,
                         runtime::v1::PortMap& map) {
  if (!value.is_object()) {
    return JsonTypeError(value, target.place, "network.PortMap");
  }
  for (const auto& entry : value.get_object()) {
    const absl::StatusOr<std::string> port = NormalizePort(View(entry.key()));
    if (!port.ok()) return InvalidJson(port.status());
    runtime::v1::PortBindingList& list = (*map.mutable_ports())[*port];
    if (entry.value().is_null()) continue;
    if (!entry.value().is_array()) {
      return JsonTypeError(entry.value(), target.place,
                           "[]network.PortBinding");
    }
    for (const json::value& element : entry.value().get_array()) {
      if (element.is_null()) {
        list.add_bindings();
        continue;
      }
      // Messages name their types' paths by the field that holds them.
      RETURN_IF_ERROR(ReadMessage(element, target, *list.add_bindings()));
    }
  }
  return absl::OkStatus();
}

// Wrappers whose only field is `repeated X values`.
absl::Status ReadMessageList(const json::value& value, const Target& target,
                             Message& list) {
  const FieldDescriptor* values = list.GetDescriptor()->field(0);
  const Descriptor& element_type = *values->message_type();
  if (!value.is_array()) {
    return JsonTypeError(value, target.place,
                         absl::StrCat("[]", QualifiedGoName(element_type)));
  }
  for (const json::value& element : value.get_array()) {
    Message* added = list.GetReflection()->AddMessage(&list, values);
    if (element.is_null()) continue;
    RETURN_IF_ERROR(ReadMessage(element, target, *added));
  }
  return absl::OkStatus();
}

bool IsMessageList(const Descriptor& type) {
  return type.field_count() == 1 && type.field(0)->name() == "values" &&
         type.field(0)->is_repeated() &&
         type.field(0)->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

// Command lines may be one string (API 1.20 and older clients).
bool AcceptsText(const FieldDescriptor& field) {
  return field.name() == "cmd" || field.name() == "entrypoint";
}

absl::Status SetSubmessage(const json::value& value, const Target& target) {
  Message* const sub =
      target.reflection().MutableMessage(&target.message, target.field());
  if (auto* list = dynamic_cast<type::v1::StringList*>(sub)) {
    return ReadStringList(value, target, AcceptsText(*target.field()), *list);
  }
  if (auto* map = dynamic_cast<type::v1::StringMap*>(sub)) {
    return ReadStringMap(value, target, *map->mutable_values());
  }
  if (auto* set = dynamic_cast<runtime::v1::PortSet*>(sub)) {
    return ReadSet(value, target, true, *set->mutable_ports());
  }
  if (auto* set = dynamic_cast<runtime::v1::PathSet*>(sub)) {
    return ReadSet(value, target, false, *set->mutable_paths());
  }
  if (auto* map = dynamic_cast<runtime::v1::PortMap*>(sub)) {
    return ReadPortMap(value, target, *map);
  }
  if (IsMessageList(*sub->GetDescriptor())) {
    return ReadMessageList(value, target, *sub);
  }
  return ReadMessage(value, target, *sub);
}

// Plain repeated fields: strings, a fixed pair of numbers, lists of lists.
absl::Status SetRepeated(const json::value& value, const Target& target) {
  const Reflection& reflection = target.reflection();
  reflection.ClearField(&target.message, target.field());
  const auto type = target.field()->cpp_type();
  const bool is_pair = type == FieldDescriptor::CPPTYPE_UINT32;
  const bool nested = type == FieldDescriptor::CPPTYPE_MESSAGE;
  if (!value.is_array()) {
    return JsonTypeError(value, target.place,
                         absl::StrCat(is_pair  ? "[2]"
                                      : nested ? "[][]"
                                               : "[]",
                                      target.shape.go_type));
  }
  for (const json::value& element : value.get_array()) {
    if (is_pair) {
      if (reflection.FieldSize(target.message, target.field()) == 2) break;
      ASSIGN_OR_RETURN(const uint64_t number, ReadUnsigned(element, target));
      reflection.AddUInt32(&target.message, target.field(),
                           static_cast<uint32_t>(number));
    } else if (nested) {
      auto* list = dynamic_cast<type::v1::StringList*>(
          reflection.AddMessage(&target.message, target.field()));
      if (element.is_null()) continue;
      RETURN_IF_ERROR(ReadStringList(element, target, false, *list));
    } else {
      ASSIGN_OR_RETURN(std::string text, ReadString(element, target));
      reflection.AddString(&target.message, target.field(), std::move(text));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status JsonTypeError(const json::value& value, const JsonPlace& place,
                           absl::string_view go_type) {
  if (place.path.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid JSON: json: cannot unmarshal ", KindName(value),
                     " into Go value of type ", go_type));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("invalid JSON: json: cannot unmarshal ", KindName(value),
                   " into Go struct field ", place.struct_name, ".", place.path,
                   " of type ", go_type));
}

absl::Status DecodeMessage(const json::object& object, const JsonPlace& place,
                           Message& message) {
  for (const auto& entry : object) {
    const JsonField* shape =
        FindJsonField(*message.GetDescriptor(), View(entry.key()));
    if (shape == nullptr) continue;
    if (entry.value().is_null()) {
      message.GetReflection()->ClearField(&message, shape->field);
      continue;
    }
    const JsonPlace inner = {
        place.struct_name,
        absl::StrCat(place.path, shape->path_prefix, shape->name)};
    const Target target = {message, *shape, inner};
    if (shape->field->is_repeated()) {
      RETURN_IF_ERROR(SetRepeated(entry.value(), target));
    } else if (shape->field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      RETURN_IF_ERROR(SetSubmessage(entry.value(), target));
    } else {
      RETURN_IF_ERROR(SetScalar(entry.value(), target));
    }
  }
  return absl::OkStatus();
}

}  // namespace tug::gatewayd
