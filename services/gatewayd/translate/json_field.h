// SPDX-License-Identifier: Apache-2.0
//
// What Docker calls each proto field, and how it shows an empty one. The names
// follow from the snake case; a table in json_field.cc holds the exceptions.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace tug::gatewayd {

// What an empty field becomes in JSON.
enum class Empty {
  kShown,      // zero, "", false; null for what is absent
  kOmitted,    // left out when absent or empty
  kUnlessSet,  // left out when absent, shown when set to empty
  kZero,       // zero, "", false, {} even when absent
};

// One field as JSON shows it.
struct JsonField {
  const google::protobuf::FieldDescriptor* field = nullptr;
  std::string name;
  Empty empty = Empty::kShown;
  // Type of one value in error texts, as Docker's clients know it.
  std::string go_type;
  // Part of the path in error texts that JSON does not have ("Resources.").
  std::string path_prefix;
  // Whether text is an IP address (or empty).
  bool is_address = false;
  // Largest value of an unsigned field.
  uint64_t unsigned_limit = 0;
};

// The fields of `message`, in proto order. Thread-safe; lives for ever.
const std::vector<JsonField>& JsonFields(
    const google::protobuf::Descriptor& message);

// The field that `key` means: exact, else without case; null when there is
// none.
const JsonField* FindJsonField(const google::protobuf::Descriptor& message,
                               absl::string_view key);

// "HostConfig", "HealthcheckConfig": the type's name in error texts.
std::string GoStructName(const google::protobuf::Descriptor& message);

// The message type's name with its package: "container.HostConfig".
std::string QualifiedGoName(const google::protobuf::Descriptor& message);

}  // namespace tug::gatewayd
