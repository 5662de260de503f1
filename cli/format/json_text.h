// SPDX-License-Identifier: Apache-2.0
//
// JSON as Go prints it: keys in the engine's order, no escaping of <, > and &.
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "boost/json.hpp"

namespace tug::cli {

// On one line.
std::string CompactJson(const boost::json::value& value);

// Indented by four spaces a level, without a newline at the end.
std::string IndentedJson(const boost::json::value& value);

// The member `key`, or null; of anything but an object null.
const boost::json::value& Member(const boost::json::value& value,
                                 absl::string_view key);

// Of an object itself: without this overload it would be copied, and the
// answer would refer to the copy.
const boost::json::value& Member(const boost::json::object& object,
                                 absl::string_view key);

// Members with a type, and what to take when they have another.
std::string StringMember(const boost::json::value& value,
                         absl::string_view key);
int64_t IntMember(const boost::json::value& value, absl::string_view key);
bool BoolMember(const boost::json::value& value, absl::string_view key);
const boost::json::array& ArrayMember(const boost::json::value& value,
                                      absl::string_view key);
const boost::json::object& ObjectMember(const boost::json::value& value,
                                        absl::string_view key);
const boost::json::object& ObjectMember(const boost::json::object& object,
                                        absl::string_view key);

}  // namespace tug::cli
