// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tug::registryd {

// How a caller identifies itself to one registry; all empty is anonymous.
// Lives in memory only, and is never logged.
struct Credentials {
  std::string username;
  std::string password;
  std::string identity_token;  // OAuth2 refresh token.
  std::string registry_token;  // Bearer token, sent as is.

  bool anonymous() const {
    return username.empty() && password.empty() && identity_token.empty() &&
           registry_token.empty();
  }
  bool has_password() const { return !username.empty() || !password.empty(); }
};

// "Basic dXNlcjpwYXNz".
std::string BasicAuthorization(const Credentials& credentials);

}  // namespace tug::registryd
