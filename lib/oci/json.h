// SPDX-License-Identifier: Apache-2.0
//
// Reading of JSON documents that come from outside: bounded in size and depth,
// no exceptions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"

namespace tug::oci {

// Largest manifest, index or config; deepest nesting.
inline constexpr size_t kMaxDocumentSize = 4 << 20;
inline constexpr size_t kMaxDocumentDepth = 32;

// Parses one JSON object. INVALID_ARGUMENT names `what`.
absl::StatusOr<boost::json::object> ParseDocument(absl::string_view text,
                                                  absl::string_view what);

// Members of an object. An absent or null member leaves `target` as it is and
// is OK; one of another type is INVALID_ARGUMENT and names the key.
absl::Status ReadString(const boost::json::object& object,
                        absl::string_view key, std::string& target);
absl::Status ReadInteger(const boost::json::object& object,
                         absl::string_view key, int64_t& target);
absl::Status ReadBool(const boost::json::object& object, absl::string_view key,
                      bool& target);
absl::Status ReadStrings(const boost::json::object& object,
                         absl::string_view key,
                         std::vector<std::string>& target);
absl::Status ReadStringMap(const boost::json::object& object,
                           absl::string_view key,
                           std::map<std::string, std::string>& target);
// The keys of an object of objects ({"80/tcp": {}}), sorted.
absl::Status ReadKeys(const boost::json::object& object, absl::string_view key,
                      std::vector<std::string>& target);
// Answers null when the member is absent or null.
absl::StatusOr<const boost::json::object*> ReadObject(
    const boost::json::object& object, absl::string_view key);
absl::StatusOr<const boost::json::array*> ReadArray(
    const boost::json::object& object, absl::string_view key);

}  // namespace tug::oci
