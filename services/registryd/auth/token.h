// SPDX-License-Identifier: Apache-2.0
//
// Bearer tokens: what to ask a token server for, and what it answered. Sending
// is the client's.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/registryd/auth/challenge.h"
#include "services/registryd/auth/credentials.h"

namespace tug::registryd {

// One request to a token server.
struct TokenRequest {
  std::string method;  // GET, or POST for refresh tokens.
  std::string url;
  std::string authorization;  // Empty: none.
  std::string form;           // Body of a POST.
};

// `offline` asks for a refresh token as well ("login"). INVALID_ARGUMENT if
// the challenge names no usable realm.
absl::StatusOr<TokenRequest> MakeTokenRequest(const Challenge& challenge,
                                              const Credentials& credentials,
                                              absl::string_view scope,
                                              bool offline);

struct Token {
  std::string bearer;
  std::string refresh;  // May be empty.
  absl::Time expires;
};

// Reads a token server's JSON answer. INVALID_ARGUMENT.
absl::StatusOr<Token> ParseToken(absl::string_view json, absl::Time now);

}  // namespace tug::registryd
