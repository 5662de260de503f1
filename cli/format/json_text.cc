// SPDX-License-Identifier: Apache-2.0
#include "cli/format/json_text.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

constexpr size_t kIndent = 4;

void NewLine(size_t depth, std::string& text) {
  text += '\n';
  text.append(depth * kIndent, ' ');
}

void Append(const json::value& value, size_t depth, std::string& text);

void AppendObject(const json::object& object, size_t depth, std::string& text) {
  if (object.empty()) {
    text += "{}";
    return;
  }
  text += '{';
  bool first = true;
  for (const auto& pair : object) {
    if (!first) text += ',';
    first = false;
    NewLine(depth + 1, text);
    text += json::serialize(json::string_view(pair.key()));
    text += ": ";
    Append(pair.value(), depth + 1, text);
  }
  NewLine(depth, text);
  text += '}';
}

void AppendArray(const json::array& array, size_t depth, std::string& text) {
  if (array.empty()) {
    text += "[]";
    return;
  }
  text += '[';
  bool first = true;
  for (const json::value& element : array) {
    if (!first) text += ',';
    first = false;
    NewLine(depth + 1, text);
    Append(element, depth + 1, text);
  }
  NewLine(depth, text);
  text += ']';
}

void Append(const json::value& value, size_t depth, std::string& text) {
  if (value.is_object()) {
    AppendObject(value.get_object(), depth, text);
  } else if (value.is_array()) {
    AppendArray(value.get_array(), depth, text);
  } else {
    text += CompactJson(value);
  }
}

// Go prints 0.5 where Boost prints 5E-1.
std::string NumberText(double number) {
  char buffer[64];
  snprintf(buffer, sizeof(buffer), "%.17g", number);
  for (int digits = 1; digits < 17; ++digits) {
    char shorter[64];
    snprintf(shorter, sizeof(shorter), "%.*g", digits, number);
    if (strtod(shorter, nullptr) == number) return shorter;
  }
  return buffer;
}

}  // namespace

std::string CompactJson(const json::value& value) {
  return value.is_double() ? NumberText(value.get_double())
                           : json::serialize(value);
}

std::string IndentedJson(const json::value& value) {
  std::string text;
  Append(value, 0, text);
  return text;
}

const json::value& Member(const json::object& object, absl::string_view key) {
  static const json::value* const kNull = new json::value();
  const json::value* found = object.if_contains({key.data(), key.size()});
  return found == nullptr ? *kNull : *found;
}

const json::value& Member(const json::value& value, absl::string_view key) {
  static const json::object* const kEmpty = new json::object();
  return Member(value.is_object() ? value.get_object() : *kEmpty, key);
}

std::string StringMember(const json::value& value, absl::string_view key) {
  const json::value& member = Member(value, key);
  return member.is_string() ? std::string(member.get_string()) : "";
}

int64_t IntMember(const json::value& value, absl::string_view key) {
  const json::value& member = Member(value, key);
  if (member.is_int64()) return member.get_int64();
  if (member.is_uint64()) return static_cast<int64_t>(member.get_uint64());
  if (member.is_double()) return static_cast<int64_t>(member.get_double());
  return 0;
}

bool BoolMember(const json::value& value, absl::string_view key) {
  const json::value& member = Member(value, key);
  return member.is_bool() && member.get_bool();
}

const json::array& ArrayMember(const json::value& value,
                               absl::string_view key) {
  static const json::array* const kEmpty = new json::array();
  const json::value& member = Member(value, key);
  return member.is_array() ? member.get_array() : *kEmpty;
}

const json::object& ObjectMember(const json::object& object,
                                 absl::string_view key) {
  static const json::object* const kEmpty = new json::object();
  const json::value& member = Member(object, key);
  return member.is_object() ? member.get_object() : *kEmpty;
}

const json::object& ObjectMember(const json::value& value,
                                 absl::string_view key) {
  static const json::object* const kEmpty = new json::object();
  return ObjectMember(value.is_object() ? value.get_object() : *kEmpty, key);
}

}  // namespace tug::cli
