// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/registry_auth.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "boost/json/parse.hpp"
#include "boost/json/value.hpp"
#include "lib/base/status_macros.h"
#include "services/gatewayd/translate/json_read.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

}  // namespace

bool RegistryAuth::empty() const {
  return credentials.username().empty() && credentials.password().empty() &&
         credentials.identity_token().empty() &&
         credentials.registry_token().empty();
}

absl::StatusOr<RegistryAuth> DecodeAuthBody(const json::object& body) {
  const JsonReader reader(body, {"AuthConfig", ""});
  RegistryAuth auth;
  registry::v1::Credentials& credentials = auth.credentials;
  ASSIGN_OR_RETURN(*credentials.mutable_username(), reader.String("username"));
  ASSIGN_OR_RETURN(*credentials.mutable_password(), reader.String("password"));
  ASSIGN_OR_RETURN(*credentials.mutable_identity_token(),
                   reader.String("identitytoken"));
  ASSIGN_OR_RETURN(*credentials.mutable_registry_token(),
                   reader.String("registrytoken"));
  ASSIGN_OR_RETURN(auth.server_address, reader.String("serveraddress"));
  // "auth" is base64("user:password"), from configuration files.
  ASSIGN_OR_RETURN(const std::string encoded, reader.String("auth"));
  std::string decoded;
  if (credentials.username().empty() && !encoded.empty() &&
      absl::Base64Unescape(encoded, &decoded)) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(decoded, absl::MaxSplits(':', 1));
    credentials.set_username(parts.first);
    credentials.set_password(parts.second);
  }
  return auth;
}

RegistryAuth DecodeRegistryAuth(absl::string_view header) {
  if (header.empty() || header.size() > kMaxRegistryAuth) return {};
  std::string text;
  if (!absl::WebSafeBase64Unescape(header, &text) &&
      !absl::Base64Unescape(header, &text)) {
    return {};
  }
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) return {};
  absl::StatusOr<RegistryAuth> auth = DecodeAuthBody(value.get_object());
  return auth.ok() ? *std::move(auth) : RegistryAuth();
}

std::string RegistryHost(absl::string_view server_address) {
  absl::string_view host = server_address;
  if (!absl::ConsumePrefix(&host, "https://")) {
    absl::ConsumePrefix(&host, "http://");
  }
  host = host.substr(0, host.find('/'));
  if (host.empty() || host == "index.docker.io" ||
      host == "registry-1.docker.io") {
    return "docker.io";
  }
  return std::string(host);
}

}  // namespace tug::gatewayd
