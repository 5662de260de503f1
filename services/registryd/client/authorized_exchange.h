// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/synchronization/mutex.h"
#include "services/registryd/client/http_exchange.h"
#include "services/registryd/client/identity.h"
#include "services/registryd/client/registry_error.h"
#include "services/registryd/client/registry_policy.h"
#include "services/registryd/client/token_source.h"

namespace tug::registryd {

// Sends one request to a registry: picks the scheme, answers its challenge,
// follows its redirects. Credentials and the identity's headers go to the
// registry's own origin only (CVE-2020-15157).
//
// Thread-safe.
class AuthorizedExchange {
 public:
  AuthorizedExchange(HttpExchange& http, const RegistryPolicy& policy,
                     Clock& clock)
      : http_(http),
        policy_(policy),
        clock_(clock),
        tokens_(http, policy, clock) {}

  struct Sent {
    HttpResult http;
    Proof proof = Proof::kNone;
    std::string refresh_token;  // Of a login, when the server gave one.
  };

  // `path` begins with "/v2/". `request` holds method, own headers, limits and
  // sinks; its address is filled in here. `scope` is what a token must allow.
  Sent Send(const Endpoint& endpoint, Identity& identity,
            const std::string& path, const std::string& scope,
            HttpRequest request, bool login = false);

 private:
  struct Attempt;
  Sent SendBy(const std::string& scheme, const Attempt& attempt);
  HttpResult Follow(const Attempt& attempt, const std::string& url,
                    const std::string& authorization);
  void Answer(const Attempt& attempt, const std::string& scheme,
              const std::string& url, Sent& sent);
  std::string KnownScheme(const std::string& address);
  void RememberScheme(const std::string& address, const std::string& scheme);

  HttpExchange& http_;
  const RegistryPolicy& policy_;
  Clock& clock_;
  TokenSource tokens_;
  absl::Mutex mutex_;
  // The scheme by which an address answered last.
  std::map<std::string, std::string> schemes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::registryd
