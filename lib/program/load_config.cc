// SPDX-License-Identifier: Apache-2.0
#include "lib/program/load_config.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "boost/json.hpp"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/json_util.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug {
namespace {

namespace json = boost::json;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kMaxConfigBytes = 1 << 20;

std::string KeyOf(const FieldDescriptor& field) {
  return absl::StrReplaceAll(field.name(), {{"_", "-"}});
}

const FieldDescriptor* FindField(const Descriptor& type,
                                 absl::string_view key) {
  for (int i = 0; i < type.field_count(); ++i) {
    if (KeyOf(*type.field(i)) == key) return type.field(i);
  }
  return nullptr;
}

absl::Status UnknownKey(const Descriptor& type, absl::string_view key,
                        absl::string_view source) {
  std::vector<std::string> known;
  for (int i = 0; i < type.field_count(); ++i) {
    known.push_back(KeyOf(*type.field(i)));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(source, ": unknown key ", key, "; the keys here are ",
                   absl::StrJoin(known, ", ")));
}

absl::StatusOr<json::value> RenameKeys(const json::value& value,
                                       const Descriptor& type,
                                       absl::string_view source);

// The value of one field, with the keys of the messages in it renamed; keys of
// maps are the user's own and stay.
absl::StatusOr<json::value> RenameInField(const json::value& value,
                                          const FieldDescriptor& field,
                                          absl::string_view source) {
  if (field.is_map() || field.type() != FieldDescriptor::TYPE_MESSAGE) {
    return value;
  }
  if (!field.is_repeated() || !value.is_array()) {
    return RenameKeys(value, *field.message_type(), source);
  }
  json::array renamed;
  for (const json::value& element : value.get_array()) {
    ASSIGN_OR_RETURN(json::value one,
                     RenameKeys(element, *field.message_type(), source));
    renamed.push_back(std::move(one));
  }
  return json::value(std::move(renamed));
}

absl::StatusOr<json::value> RenameKeys(const json::value& value,
                                       const Descriptor& type,
                                       absl::string_view source) {
  if (!value.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat(source, ": a JSON object is needed, not ",
                     json::serialize(value)));
  }
  json::object renamed;
  for (const auto& pair : value.get_object()) {
    const absl::string_view key(pair.key().data(), pair.key().size());
    const FieldDescriptor* field = FindField(type, key);
    if (field == nullptr) return UnknownKey(type, key, source);
    ASSIGN_OR_RETURN(
        json::value inner,
        RenameInField(pair.value(), *field, absl::StrCat(source, ": ", key)));
    renamed[field->name()] = std::move(inner);
  }
  return json::value(std::move(renamed));
}

// Clears the fields that `object` (renamed) names, so that merging replaces
// lists, and a named zero or false wins over a default.
void ClearNamed(const json::object& object, Message& config) {
  for (const auto& pair : object) {
    const FieldDescriptor* field =
        config.GetDescriptor()->FindFieldByName(std::string(pair.key()));
    const bool is_section = field->type() == FieldDescriptor::TYPE_MESSAGE &&
                            !field->is_repeated() && pair.value().is_object();
    if (is_section) {
      ClearNamed(pair.value().get_object(),
                 *config.GetReflection()->MutableMessage(&config, field));
    } else {
      config.GetReflection()->ClearField(&config, field);
    }
  }
}

absl::Status MergeJson(const json::value& value, absl::string_view source,
                       Message& config) {
  ASSIGN_OR_RETURN(const json::value renamed,
                   RenameKeys(value, *config.GetDescriptor(), source));
  const std::unique_ptr<Message> read(config.New());
  const auto status = google::protobuf::util::JsonStringToMessage(
      json::serialize(renamed), read.get());
  if (!status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(source, ": ", std::string(status.message())));
  }
  ClearNamed(renamed.get_object(), config);
  config.MergeFrom(*read);
  return absl::OkStatus();
}

absl::StatusOr<json::value> ParseJson(absl::string_view text,
                                      absl::string_view source) {
  json::error_code error;
  json::value value =
      json::parse(json::string_view(text.data(), text.size()), error);
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat(source, ": not JSON: ", error.message()));
  }
  return value;
}

// {"section": {"key": value}} for the path section.key.
absl::StatusOr<json::value> OverrideAsJson(const std::string& override_text,
                                           const Descriptor& config_type) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(override_text, absl::MaxSplits('=', 1));
  const std::string source = absl::StrCat("--set ", override_text);
  if (override_text.find('=') == std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(source, ": key=value is needed"));
  }
  const std::vector<std::string> path = absl::StrSplit(parts.first, '.');
  const Descriptor* type = &config_type;
  const FieldDescriptor* field = nullptr;
  for (const std::string& key : path) {
    field = type == nullptr ? nullptr : FindField(*type, key);
    if (field == nullptr) return UnknownKey(config_type, parts.first, source);
    type = field->is_repeated() ? nullptr : field->message_type();
  }
  json::value value(parts.second);
  if (field->is_repeated() || field->type() != FieldDescriptor::TYPE_STRING) {
    ASSIGN_OR_RETURN(value, ParseJson(parts.second, source));
  }
  std::for_each(path.rbegin(), path.rend(), [&](const std::string& key) {
    json::object section;
    section[key] = std::move(value);
    value = std::move(section);
  });
  return value;
}

}  // namespace

absl::StatusOr<std::string> ReadConfigText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxConfigBytes + 1, '\0');
  if (!file) {
    return ErrnoStatus(errno, absl::StrCat("read configuration ", path));
  }
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMaxConfigBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "read configuration ", path, ": larger than ", kMaxConfigBytes,
        " bytes"));
  }
  return text;
}

absl::Status MergeConfigText(absl::string_view text, absl::string_view source,
                             Message& config) {
  ASSIGN_OR_RETURN(const json::value value, ParseJson(text, source));
  return MergeJson(value, source, config);
}

absl::Status LoadConfigInto(const ProgramOptions& options, Message& config) {
  if (!options.config_path.empty()) {
    ASSIGN_OR_RETURN(const std::string text,
                     ReadConfigText(options.config_path));
    RETURN_IF_ERROR(MergeConfigText(text, options.config_path, config));
  }
  for (const std::string& text : options.overrides) {
    ASSIGN_OR_RETURN(const json::value value,
                     OverrideAsJson(text, *config.GetDescriptor()));
    RETURN_IF_ERROR(MergeJson(value, absl::StrCat("--set ", text), config));
  }
  return absl::OkStatus();
}

}  // namespace tug
