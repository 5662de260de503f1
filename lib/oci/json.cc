// SPDX-License-Identifier: Apache-2.0
#include "lib/oci/json.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "boost/json/parse.hpp"
#include "boost/json/value.hpp"
#include "lib/base/status_macros.h"

namespace tug::oci {
namespace {

namespace json = boost::json;

absl::string_view View(const json::string& text) {
  return absl::string_view(text.data(), text.size());
}

absl::Status WrongType(absl::string_view key, absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", key, "\" is not ", expected));
}

// Null when absent or null.
const json::value* Find(const json::object& object, absl::string_view key) {
  const json::value* value =
      object.if_contains(json::string_view(key.data(), key.size()));
  return value != nullptr && value->is_null() ? nullptr : value;
}

}  // namespace

absl::StatusOr<json::object> ParseDocument(absl::string_view text,
                                           absl::string_view what) {
  if (text.size() > kMaxDocumentSize) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": ", text.size(), " bytes, at most ",
                     kMaxDocumentSize, " are accepted"));
  }
  json::parse_options options;
  options.max_depth = kMaxDocumentDepth;
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()),
                                  error, {}, options);
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": not valid JSON: ", error.message()));
  }
  if (!value.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": not a JSON object"));
  }
  return std::move(value.get_object());
}

absl::Status ReadString(const json::object& object, absl::string_view key,
                        std::string& target) {
  const json::value* value = Find(object, key);
  if (value == nullptr) return absl::OkStatus();
  if (!value->is_string()) return WrongType(key, "a string");
  target = std::string(View(value->get_string()));
  return absl::OkStatus();
}

absl::Status ReadInteger(const json::object& object, absl::string_view key,
                         int64_t& target) {
  const json::value* value = Find(object, key);
  if (value == nullptr) return absl::OkStatus();
  json::error_code error;
  const int64_t number = value->to_number<int64_t>(error);
  if (error) return WrongType(key, "an integer");
  target = number;
  return absl::OkStatus();
}

absl::Status ReadBool(const json::object& object, absl::string_view key,
                      bool& target) {
  const json::value* value = Find(object, key);
  if (value == nullptr) return absl::OkStatus();
  if (!value->is_bool()) return WrongType(key, "true or false");
  target = value->get_bool();
  return absl::OkStatus();
}

absl::Status ReadStrings(const json::object& object, absl::string_view key,
                         std::vector<std::string>& target) {
  ASSIGN_OR_RETURN(const json::array* array, ReadArray(object, key));
  if (array == nullptr) return absl::OkStatus();
  target.clear();
  for (const json::value& value : *array) {
    if (!value.is_string()) return WrongType(key, "a list of strings");
    target.emplace_back(View(value.get_string()));
  }
  return absl::OkStatus();
}

absl::Status ReadStringMap(const json::object& object, absl::string_view key,
                           std::map<std::string, std::string>& target) {
  ASSIGN_OR_RETURN(const json::object* map, ReadObject(object, key));
  if (map == nullptr) return absl::OkStatus();
  target.clear();
  for (const json::key_value_pair& pair : *map) {
    if (!pair.value().is_string()) return WrongType(key, "a map of strings");
    target.emplace(std::string(pair.key().data(), pair.key().size()),
                   View(pair.value().get_string()));
  }
  return absl::OkStatus();
}

absl::Status ReadKeys(const json::object& object, absl::string_view key,
                      std::vector<std::string>& target) {
  ASSIGN_OR_RETURN(const json::object* map, ReadObject(object, key));
  if (map == nullptr) return absl::OkStatus();
  target.clear();
  for (const json::key_value_pair& pair : *map) {
    target.emplace_back(pair.key().data(), pair.key().size());
  }
  std::sort(target.begin(), target.end());
  return absl::OkStatus();
}

absl::StatusOr<const json::object*> ReadObject(const json::object& object,
                                               absl::string_view key) {
  const json::value* value = Find(object, key);
  if (value == nullptr) return nullptr;
  if (!value->is_object()) return WrongType(key, "an object");
  return &value->get_object();
}

absl::StatusOr<const json::array*> ReadArray(const json::object& object,
                                             absl::string_view key) {
  const json::value* value = Find(object, key);
  if (value == nullptr) return nullptr;
  if (!value->is_array()) return WrongType(key, "a list");
  return &value->get_array();
}

}  // namespace tug::oci
