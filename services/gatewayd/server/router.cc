// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/server/router.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "boost/json/object.hpp"
#include "lib/base/log.h"
#include "services/gatewayd/server/request_context.h"

namespace tug::gatewayd {
namespace {

// A path without its version prefix, and the version; absent for the newest.
struct VersionedPath {
  std::string version;
  std::string path;
};

VersionedPath SplitVersion(std::string path) {
  if (!absl::StartsWith(path, "/v")) return {"", std::move(path)};
  const size_t end = path.find('/', 2);
  const std::string version =
      path.substr(2, end == path.npos ? path.npos : end - 2);
  if (version.empty() ||
      version.find_first_not_of("0123456789.") != version.npos) {
    return {"", std::move(path)};
  }
  return {version, end == path.npos ? "" : path.substr(end)};
}

absl::Status PageNotFound() { return DockerError(404, "page not found"); }

// The version of a prefix, or why it is not served.
absl::StatusOr<ApiVersion> CheckVersion(const std::string& text) {
  if (text.empty()) return kNewestApi;
  const std::optional<ApiVersion> version = ParseApiVersion(text);
  if (!version.has_value()) {
    return DockerError(400, absl::StrCat("invalid API version: ", text));
  }
  if (*version < kOldestApi) {
    return DockerError(
        400, absl::StrCat("client version ", text,
                          " is too old. Minimum supported API version is ",
                          ToString(kOldestApi),
                          ", please upgrade your client to a newer version"));
  }
  if (*version > kNewestApi) {
    return DockerError(
        400, absl::StrCat("client version ", text,
                          " is too new. Maximum supported API version is ",
                          ToString(kNewestApi)));
  }
  return *version;
}

// Clients older than the JSON errors of 1.24 get plain text.
bool WantsPlainErrors(const http::RequestHead& head) {
  const std::string version = SplitVersion(head.path).version;
  const std::optional<ApiVersion> parsed = ParseApiVersion(version);
  return parsed.has_value() && *parsed < ApiVersion{1, 24};
}

}  // namespace

Router::Router(std::vector<Route> routes, ErrorTable errors)
    : routes_(std::move(routes)), errors_(std::move(errors)) {
  for (size_t i = 0; i < routes_.size(); ++i) {
    const std::string& pattern = routes_[i].pattern;
    const size_t open = pattern.find('{');
    if (open == pattern.npos) {
      literal_.emplace(absl::StrCat(routes_[i].method, " ", pattern), i);
      continue;
    }
    patterns_[routes_[i].method].push_back(
        {pattern.substr(0, open), pattern.substr(pattern.find('}') + 1), i});
  }
}

std::optional<Router::Match> Router::Find(const std::string& method,
                                          const std::string& path) const {
  const auto literal = literal_.find(absl::StrCat(method, " ", path));
  if (literal != literal_.end()) return Match{&routes_[literal->second], ""};
  const auto patterns = patterns_.find(method);
  if (patterns == patterns_.end()) return std::nullopt;
  for (const Pattern& pattern : patterns->second) {
    const size_t fixed = pattern.prefix.size() + pattern.suffix.size();
    if (path.size() > fixed && absl::StartsWith(path, pattern.prefix) &&
        absl::EndsWith(path, pattern.suffix)) {
      return Match{&routes_[pattern.route],
                   path.substr(pattern.prefix.size(), path.size() - fixed)};
    }
  }
  return std::nullopt;
}

absl::Status Router::Run(http::Exchange& exchange, std::string& subject) const {
  const http::RequestHead& head = exchange.head();
  const VersionedPath split =
      SplitVersion(http::PercentDecode(head.path, /*plus_is_space=*/false));
  const std::optional<Match> match = Find(head.method, split.path);
  if (!match.has_value()) return PageNotFound();
  const absl::StatusOr<ApiVersion> version = CheckVersion(split.version);
  if (!version.ok()) return version.status();
  if (*version < match->route->first_version) return PageNotFound();
  RequestContext context(exchange, *version, match->parameter);
  absl::Status status = match->route->handler(context);
  subject = context.subject;
  return status;
}

void Router::Answer(http::Exchange& exchange, const absl::Status& status,
                    const std::string& subject) const {
  const HttpError error = errors_(status, subject);
  http::ResponseHead head;
  head.status = error.status;
  AddStandardHeaders(head);
  std::string body;
  if (error.status == 304) {
    // Not an error to the client: no body.
  } else if (WantsPlainErrors(exchange.head())) {
    head.headers.Add("Content-Type", "text/plain; charset=utf-8");
    body = error.message + "\n";
  } else {
    head.headers.Add("Content-Type", "application/json");
    body = ToDockerJson(boost::json::object{{"message", error.message}}) + "\n";
  }
  (void)exchange.Respond(std::move(head), body);
  if (error.status < 500 || error.status == 501) return;
  LogWarning("request failed", {{"method", exchange.head().method},
                                {"target", exchange.head().target},
                                {"error", status.ToString()}});
}

void Router::Serve(http::Exchange& exchange) const {
  std::string subject;
  const absl::Status status = Run(exchange, subject);
  if (status.ok()) return;
  if (!exchange.responded()) {
    Answer(exchange, status, subject);
  } else if (!absl::IsCancelled(status)) {
    LogWarning("request broke off", {{"method", exchange.head().method},
                                     {"target", exchange.head().target},
                                     {"error", status.ToString()}});
  }
}

}  // namespace tug::gatewayd
