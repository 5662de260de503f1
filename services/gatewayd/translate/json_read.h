// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "boost/json/object.hpp"
#include "boost/json/value.hpp"
#include "services/gatewayd/translate/json_codec.h"

namespace tug::gatewayd {

// Reads the members of one object with Docker's leniencies (keys compare
// without case, null is absent, unknown keys do not matter) and Docker's
// words for a wrong type. Absent members are zero, empty or nullopt.
//
// Borrows the object.
class JsonReader {
 public:
  // `place.path`: prefix of the members' paths in errors.
  JsonReader(const boost::json::object& object, JsonPlace place)
      : object_(object), place_(std::move(place)) {}

  // Null when absent or null.
  const boost::json::value* Find(absl::string_view key) const;

  absl::StatusOr<std::string> String(absl::string_view key) const;
  absl::StatusOr<bool> Bool(absl::string_view key) const;
  absl::StatusOr<std::optional<bool>> OptionalBool(absl::string_view key) const;
  absl::StatusOr<int64_t> Int(absl::string_view key) const;
  absl::StatusOr<std::optional<std::vector<std::string>>> Strings(
      absl::string_view key) const;
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  absl::StatusOr<std::optional<Pairs>> StringMap(absl::string_view key) const;
  // Null when absent; `go_type` for the error.
  absl::StatusOr<const boost::json::object*> Object(
      absl::string_view key, absl::string_view go_type) const;
  absl::StatusOr<const boost::json::array*> Array(
      absl::string_view key, absl::string_view go_type) const;

  // Canonical text; empty is allowed.
  absl::StatusOr<std::string> Address(absl::string_view key) const;
  absl::StatusOr<std::string> Prefix(absl::string_view key) const;

  JsonPlace PlaceOf(absl::string_view key) const;

 private:
  absl::StatusOr<std::string> StringOfType(absl::string_view key,
                                           absl::string_view go_type) const;

  const boost::json::object& object_;
  const JsonPlace place_;
};

}  // namespace tug::gatewayd
