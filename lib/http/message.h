// SPDX-License-Identifier: Apache-2.0
//
// HTTP messages as plain values; Beast stays inside lib/http.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tug::http {

// Header fields in order; names compare without case.
class Headers {
 public:
  void Add(std::string_view name, std::string_view value);
  // Replaces all of that name.
  void Set(std::string_view name, std::string_view value);
  // The first of that name, or empty.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const {
    return fields_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// Query parameters, percent-decoded, repeated ones in order.
class Query {
 public:
  Query() = default;
  // Parses "a=1&b=2"; malformed escapes are kept as they are.
  explicit Query(std::string_view text);
  bool Has(std::string_view name) const;
  // The first value, or `fallback`.
  std::string Get(std::string_view name, std::string_view fallback = "") const;
  std::vector<std::string> GetAll(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
};

// Decodes %XX; "+" becomes a space when `plus_is_space`.
std::string PercentDecode(std::string_view text, bool plus_is_space);
// Encodes everything but RFC 3986 "unreserved".
std::string PercentEncode(std::string_view text);

struct RequestHead {
  std::string method;  // "GET"
  std::string target;  // As sent: "/v1.44/containers/json?all=1"
  std::string path;    // Before "?", still encoded.
  Query query;
  Headers headers;
  int minor_version = 1;  // HTTP/1.x
};

struct ResponseHead {
  int status = 200;
  std::string reason;  // Empty: the standard phrase.
  Headers headers;
};

}  // namespace tug::http
