// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/token_source.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "services/registryd/client/url.h"

namespace tug::registryd {
namespace {

constexpr size_t kMaxTokenBytes = 256 * 1024;

HttpResult Refusal(absl::Status status) {
  HttpResult result;
  result.failure = Failure::kRefused;
  result.error = WithReason(std::move(status), "REGISTRY_ERROR");
  return result;
}

}  // namespace

HttpResult TokenSource::Fetch(const Challenge& challenge,
                              const Credentials& credentials,
                              const Wanted& wanted, Token* token) {
  const auto asked =
      MakeTokenRequest(challenge, credentials, wanted.scope, wanted.offline);
  if (!asked.ok())
    return Refusal(absl::InternalError(asked.status().message()));
  const auto host = HostOfUrl(asked->url);
  if (!host.ok()) return Refusal(absl::InternalError("malformed token realm"));
  const bool plain = !absl::StartsWith(asked->url, "https://");
  if (plain && !wanted.registry_is_plain && !policy_.AllowsPlainHttp(*host)) {
    return Refusal(absl::InternalError(absl::StrCat(
        "token server ", host->text,
        " has no TLS; list it in insecure-registries to allow that")));
  }
  const auto trust = policy_.TrustFor(*host);
  if (!trust.ok()) return Refusal(trust.status());
  HttpRequest request;
  request.method = asked->method;
  request.url = asked->url;
  request.body = asked->form;
  request.max_body = kMaxTokenBytes;
  request.trust = *trust;
  request.direct = IsLoopback(host->hostname);
  request.cancelled = wanted.cancelled;
  if (!asked->authorization.empty()) {
    request.headers.emplace_back("Authorization", asked->authorization);
  }
  HttpResult result = http_.Perform(request);
  if (!result.success()) return result;
  auto parsed = ParseToken(result.body, clock_.Now());
  if (!parsed.ok())
    return Refusal(absl::InternalError(parsed.status().message()));
  *token = *std::move(parsed);
  return result;
}

}  // namespace tug::registryd
