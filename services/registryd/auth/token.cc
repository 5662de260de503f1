// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/auth/token.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "boost/json.hpp"
#include "lib/base/status_macros.h"

namespace tug::registryd {
namespace {

// Token servers tell issued tokens apart by this name.
constexpr absl::string_view kClientId = "tug";
// The distribution specification's lifetime when none is told, and the
// shortest that is believed.
constexpr int64_t kDefaultLifetimeSeconds = 60;
constexpr int64_t kMaxLifetimeSeconds = 24 * 3600;
// A token is renewed this long before its end, so that none expires on the
// way.
constexpr absl::Duration kRenewBefore = absl::Seconds(10);

std::string Escape(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '.' || c == '_' ||
        c == '~') {
      escaped.push_back(c);
    } else {
      absl::StrAppend(&escaped, "%", absl::Hex(byte, absl::kZeroPad2));
    }
  }
  return escaped;
}

void AddField(std::string& query, absl::string_view key,
              absl::string_view value) {
  if (value.empty()) return;
  absl::StrAppend(&query, query.empty() ? "" : "&", key, "=", Escape(value));
}

std::string Parameter(const Challenge& challenge, const std::string& name) {
  const auto found = challenge.parameters.find(name);
  return found == challenge.parameters.end() ? "" : found->second;
}

std::string StringField(const boost::json::object& object, const char* key) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return "";
  return std::string(value->get_string());
}

int64_t Lifetime(const boost::json::object& object) {
  const boost::json::value* value = object.if_contains("expires_in");
  if (value == nullptr || !value->is_int64()) return kDefaultLifetimeSeconds;
  return std::clamp(value->get_int64(), kDefaultLifetimeSeconds,
                    kMaxLifetimeSeconds);
}

}  // namespace

std::string BasicAuthorization(const Credentials& credentials) {
  return absl::StrCat("Basic ",
                      absl::Base64Escape(absl::StrCat(credentials.username, ":",
                                                      credentials.password)));
}

absl::StatusOr<TokenRequest> MakeTokenRequest(const Challenge& challenge,
                                              const Credentials& credentials,
                                              absl::string_view scope,
                                              bool offline) {
  const std::string realm = Parameter(challenge, "realm");
  if (!absl::StartsWithIgnoreCase(realm, "https://") &&
      !absl::StartsWithIgnoreCase(realm, "http://")) {
    return absl::InvalidArgumentError(
        absl::StrCat("token realm \"", realm, "\" is no HTTP address"));
  }
  TokenRequest request;
  std::string fields;
  AddField(fields, "service", Parameter(challenge, "service"));
  AddField(fields, "scope", scope);
  if (!credentials.identity_token.empty()) {
    AddField(fields, "client_id", kClientId);
    AddField(fields, "grant_type", "refresh_token");
    AddField(fields, "refresh_token", credentials.identity_token);
    request.method = "POST";
    request.url = realm;
    request.form = fields;
    return request;
  }
  AddField(fields, "account", credentials.username);
  if (offline) {
    AddField(fields, "client_id", kClientId);
    AddField(fields, "offline_token", "true");
  }
  request.method = "GET";
  request.url =
      absl::StrCat(realm, absl::StrContains(realm, "?") ? "&" : "?", fields);
  if (credentials.has_password()) {
    request.authorization = BasicAuthorization(credentials);
  }
  return request;
}

absl::StatusOr<Token> ParseToken(absl::string_view json, absl::Time now) {
  boost::json::error_code error;
  const boost::json::value value =
      boost::json::parse({json.data(), json.size()}, error);
  if (error || !value.is_object()) {
    return absl::InvalidArgumentError("token server did not answer JSON");
  }
  const boost::json::object& object = value.get_object();
  Token token;
  token.bearer = StringField(object, "token");
  if (token.bearer.empty()) token.bearer = StringField(object, "access_token");
  // Such bytes could smuggle a second header.
  if (token.bearer.empty() ||
      !std::all_of(token.bearer.begin(), token.bearer.end(), [](char c) {
        return absl::ascii_isgraph(static_cast<unsigned char>(c));
      })) {
    return absl::InvalidArgumentError("token server answered no usable token");
  }
  token.refresh = StringField(object, "refresh_token");
  token.expires = now + absl::Seconds(Lifetime(object)) - kRenewBefore;
  return token;
}

}  // namespace tug::registryd
