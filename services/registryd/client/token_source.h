// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "lib/base/clock.h"
#include "services/registryd/auth/token.h"
#include "services/registryd/client/http_exchange.h"
#include "services/registryd/client/registry_policy.h"

namespace tug::registryd {

// Fetches Bearer tokens from the servers that challenges name.
//
// Thread-safe.
class TokenSource {
 public:
  TokenSource(HttpExchange& http, const RegistryPolicy& policy, Clock& clock)
      : http_(http), policy_(policy), clock_(clock) {}

  struct Wanted {
    std::string scope;
    bool offline = false;            // Ask for a refresh token too.
    bool registry_is_plain = false;  // The challenge came over plain HTTP.
    std::function<bool()> cancelled;
  };

  // `token` is set exactly when the answer is a success. A realm that would
  // have to be asked without TLS gets no credentials and is refused.
  HttpResult Fetch(const Challenge& challenge, const Credentials& credentials,
                   const Wanted& wanted, Token* token);

 private:
  HttpExchange& http_;
  const RegistryPolicy& policy_;
  Clock& clock_;
};

}  // namespace tug::registryd
