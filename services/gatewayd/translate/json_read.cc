// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/json_read.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/translate/network_text.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

absl::Status InvalidJson(const absl::Status& status) {
  return absl::InvalidArgumentError(
      absl::StrCat("invalid JSON: ", status.message()));
}

}  // namespace

const json::value* JsonReader::Find(absl::string_view key) const {
  const json::value* found = nullptr;
  for (const auto& entry : object_) {
    const absl::string_view name = View(entry.key());
    if (absl::EqualsIgnoreCase(name, key)) found = &entry.value();
    if (name == key) break;
  }
  if (found == nullptr || found->is_null()) return nullptr;
  return found;
}

JsonPlace JsonReader::PlaceOf(absl::string_view key) const {
  return {place_.struct_name, absl::StrCat(place_.path, key)};
}

absl::StatusOr<std::string> JsonReader::StringOfType(
    absl::string_view key, absl::string_view go_type) const {
  const json::value* value = Find(key);
  if (value == nullptr) return std::string();
  if (!value->is_string()) return JsonTypeError(*value, PlaceOf(key), go_type);
  return std::string(value->get_string());
}

absl::StatusOr<std::string> JsonReader::String(absl::string_view key) const {
  return StringOfType(key, "string");
}

absl::StatusOr<bool> JsonReader::Bool(absl::string_view key) const {
  ASSIGN_OR_RETURN(const std::optional<bool> value, OptionalBool(key));
  return value.value_or(false);
}

absl::StatusOr<std::optional<bool>> JsonReader::OptionalBool(
    absl::string_view key) const {
  const json::value* value = Find(key);
  if (value == nullptr) return std::optional<bool>();
  if (!value->is_bool()) return JsonTypeError(*value, PlaceOf(key), "bool");
  return std::optional<bool>(value->get_bool());
}

absl::StatusOr<int64_t> JsonReader::Int(absl::string_view key) const {
  const json::value* value = Find(key);
  if (value == nullptr) return 0;
  if (!value->is_int64()) return JsonTypeError(*value, PlaceOf(key), "int");
  return value->get_int64();
}

absl::StatusOr<std::optional<std::vector<std::string>>> JsonReader::Strings(
    absl::string_view key) const {
  using Result = std::optional<std::vector<std::string>>;
  const json::value* value = Find(key);
  if (value == nullptr) return Result();
  if (!value->is_array()) {
    return JsonTypeError(*value, PlaceOf(key), "[]string");
  }
  std::vector<std::string> strings;
  for (const json::value& element : value->get_array()) {
    if (!element.is_string() && !element.is_null()) {
      return JsonTypeError(element, PlaceOf(key), "string");
    }
    strings.emplace_back(element.is_null() ? "" : element.get_string());
  }
  return Result(std::move(strings));
}

absl::StatusOr<std::optional<JsonReader::Pairs>> JsonReader::StringMap(
    absl::string_view key) const {
  const json::value* value = Find(key);
  if (value == nullptr) return std::optional<Pairs>();
  if (!value->is_object()) {
    return JsonTypeError(*value, PlaceOf(key), "map[string]string");
  }
  Pairs pairs;
  for (const auto& entry : value->get_object()) {
    if (!entry.value().is_string() && !entry.value().is_null()) {
      return JsonTypeError(entry.value(), PlaceOf(key), "string");
    }
    pairs.emplace_back(
        entry.key(), entry.value().is_null() ? "" : entry.value().get_string());
  }
  return std::optional<Pairs>(std::move(pairs));
}

absl::StatusOr<const json::object*> JsonReader::Object(
    absl::string_view key, absl::string_view go_type) const {
  const json::value* value = Find(key);
  if (value == nullptr) return static_cast<const json::object*>(nullptr);
  if (!value->is_object()) return JsonTypeError(*value, PlaceOf(key), go_type);
  return &value->get_object();
}

absl::StatusOr<const json::array*> JsonReader::Array(
    absl::string_view key, absl::string_view go_type) const {
  const json::value* value = Find(key);
  if (value == nullptr) return static_cast<const json::array*>(nullptr);
  if (!value->is_array()) return JsonTypeError(*value, PlaceOf(key), go_type);
  return &value->get_array();
}

absl::StatusOr<std::string> JsonReader::Address(absl::string_view key) const {
  ASSIGN_OR_RETURN(const std::string text, StringOfType(key, "netip.Addr"));
  const absl::StatusOr<std::string> address = NormalizeAddress(text);
  if (!address.ok()) return InvalidJson(address.status());
  return *address;
}

absl::StatusOr<std::string> JsonReader::Prefix(absl::string_view key) const {
  ASSIGN_OR_RETURN(const std::string text, StringOfType(key, "netip.Prefix"));
  const absl::StatusOr<std::string> prefix = NormalizePrefix(text);
  if (!prefix.ok()) return InvalidJson(prefix.status());
  return *prefix;
}

}  // namespace tug::gatewayd
