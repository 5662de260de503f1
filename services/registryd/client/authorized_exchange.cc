// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/authorized_exchange.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "services/registryd/auth/challenge.h"
#include "services/registryd/client/url.h"

namespace tug::registryd {

struct AuthorizedExchange::Attempt {
  const Endpoint& endpoint;
  Identity& identity;
  const std::string& path;
  const std::string& scope;
  const HttpRequest& request;
  bool login;

  // Grants hold for one place and scope.
  std::string key() const { return absl::StrCat(endpoint.address, " ", scope); }
};

namespace {

constexpr int kMaxRedirects = 5;
constexpr size_t kMaxKnownSchemes = 1024;

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 ||
         status == 308;
}

HttpResult Refusal(absl::Status status) {
  HttpResult result;
  result.failure = Failure::kRefused;
  result.error = WithReason(std::move(status), "REGISTRY_ERROR");
  return result;
}

// Bearer before Basic: it does not hand the password to the registry.
const Challenge* Choose(const std::vector<Challenge>& challenges) {
  for (const char* scheme : {"bearer", "basic"}) {
    for (const Challenge& challenge : challenges) {
      if (challenge.scheme == scheme) return &challenge;
    }
  }
  return nullptr;
}

}  // namespace

AuthorizedExchange::Sent AuthorizedExchange::Send(
    const Endpoint& endpoint, Identity& identity, const std::string& path,
    const std::string& scope, HttpRequest request, bool login) {
  const Attempt attempt = {endpoint, identity, path, scope, request, login};
  const auto host = ParseHost(endpoint.address);
  if (!host.ok()) return {Refusal(host.status()), Proof::kNone, ""};
  std::string scheme = endpoint.scheme;
  if (scheme.empty()) scheme = KnownScheme(endpoint.address);
  Sent sent = SendBy(scheme.empty() ? "https" : scheme, attempt);
  // A registry that was plain may have got TLS since; Go's servers say 400 to
  // plain HTTP then.
  if (scheme == "http" && endpoint.scheme.empty() &&
      (sent.http.status == 400 || sent.http.failure == Failure::kBroken)) {
    Sent secure = SendBy("https", attempt);
    if (secure.http.failure != Failure::kHandshake) sent = std::move(secure);
    RememberScheme(endpoint.address, "");
  }
  const bool no_tls =
      sent.http.failure == Failure::kHandshake ||
      (sent.http.failure == Failure::kConnect && host->port == 0);
  if (scheme.empty() && no_tls && policy_.AllowsPlainHttp(*host)) {
    Sent plain = SendBy("http", attempt);
    if (plain.http.failure == Failure::kConnect) return sent;
    if (plain.http.failure == Failure::kNone) {
      RememberScheme(endpoint.address, "http");
    }
    return plain;
  }
  return sent;
}

AuthorizedExchange::Sent AuthorizedExchange::SendBy(const std::string& scheme,
                                                    const Attempt& attempt) {
  const std::string url = absl::StrCat(scheme, "://", attempt.endpoint.address,
                                       attempt.endpoint.path, attempt.path);
  Sent sent;
  const std::string& fixed = attempt.identity.credentials().registry_token;
  const std::string known = fixed.empty() ? attempt.identity.Authorization(
                                                attempt.key(), clock_.Now())
                                          : absl::StrCat("Bearer ", fixed);
  if (!known.empty()) {
    sent.proof =
        absl::StartsWith(known, "Basic ") ? Proof::kBasic : Proof::kBearer;
  }
  sent.http = Follow(attempt, url, known);
  if (sent.http.status != 401 || sent.http.failure != Failure::kNone ||
      !fixed.empty()) {
    return sent;
  }
  attempt.identity.Forget(attempt.key());
  Answer(attempt, scheme, url, sent);
  return sent;
}

// Meets the challenge in `sent` and puts the new answer in its place.
void AuthorizedExchange::Answer(const Attempt& attempt,
                                const std::string& scheme,
                                const std::string& url, Sent& sent) {
  const auto challenges = ParseChallenges(sent.http.Header("www-authenticate"));
  const Challenge* challenge = challenges.ok() ? Choose(*challenges) : nullptr;
  if (challenge == nullptr) return;
  const Credentials& credentials = attempt.identity.credentials();
  std::string authorization;
  absl::Time expires = absl::InfiniteFuture();
  if (challenge->scheme == "basic") {
    if (!credentials.has_password()) return;
    authorization = BasicAuthorization(credentials);
    sent.proof = Proof::kBasic;
  } else {
    Token token;
    HttpResult fetched =
        tokens_.Fetch(*challenge, credentials,
                      {attempt.scope, attempt.login, scheme == "http",
                       attempt.request.cancelled},
                      &token);
    if (!fetched.success()) {
      // The token server's refusal is the answer: of the password, not yet of
      // the repository.
      sent.http = std::move(fetched);
      sent.proof = credentials.anonymous() ? Proof::kBearer : Proof::kBasic;
      return;
    }
    authorization = absl::StrCat("Bearer ", token.bearer);
    expires = token.expires;
    sent.proof = Proof::kBearer;
    sent.refresh_token = token.refresh;
  }
  sent.http = Follow(attempt, url, authorization);
  if (sent.http.failure == Failure::kNone && sent.http.status != 401) {
    attempt.identity.Remember(attempt.key(), authorization, expires);
  }
}

HttpResult AuthorizedExchange::Follow(const Attempt& attempt,
                                      const std::string& url,
                                      const std::string& authorization) {
  const std::string origin = OriginOf(url);
  std::string current = url;
  for (int hop = 0; hop <= kMaxRedirects; ++hop) {
    const auto host = HostOfUrl(current);
    if (!host.ok()) return Refusal(absl::InternalError("malformed redirect"));
    const auto trust = policy_.TrustFor(*host);
    if (!trust.ok()) return Refusal(trust.status());
    HttpRequest request = attempt.request;
    request.url = current;
    request.trust = *trust;
    request.direct = IsLoopback(host->hostname);
    if (OriginOf(current) == origin) {
      if (!authorization.empty()) {
        request.headers.emplace_back("Authorization", authorization);
      }
      if (!attempt.endpoint.mirror) {
        for (const auto& [name, value] : attempt.identity.headers()) {
          request.headers.emplace_back(name, value);
        }
      }
    }
    HttpResult result = http_.Perform(request);
    if (result.failure != Failure::kNone || !IsRedirect(result.status)) {
      return result;
    }
    const std::string next = ResolveUrl(current, result.Header("location"));
    const auto next_host = HostOfUrl(next);
    if (!next_host.ok()) {
      return Refusal(absl::InternalError("redirect without a usable address"));
    }
    if (absl::StartsWith(current, "https:") &&
        absl::StartsWith(next, "http:") &&
        !policy_.AllowsPlainHttp(*next_host)) {
      return Refusal(absl::InternalError(absl::StrCat(
          "redirect from TLS to plain HTTP at ", next_host->text, " refused")));
    }
    current = next;
  }
  return Refusal(absl::InternalError("too many redirects"));
}

std::string AuthorizedExchange::KnownScheme(const std::string& address) {
  absl::MutexLock lock(&mutex_);
  const auto found = schemes_.find(address);
  return found == schemes_.end() ? "" : found->second;
}

void AuthorizedExchange::RememberScheme(const std::string& address,
                                        const std::string& scheme) {
  absl::MutexLock lock(&mutex_);
  if (schemes_.size() >= kMaxKnownSchemes) schemes_.clear();
  if (scheme.empty()) {
    schemes_.erase(address);
  } else {
    schemes_[address] = scheme;
  }
}

}  // namespace tug::registryd
