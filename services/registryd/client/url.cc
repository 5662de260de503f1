// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/url.h"

#include <curl/curl.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace tug::registryd {
namespace {

std::string UrlPart(const std::string& url, CURLUPart part) {
  CURLU* parsed = curl_url();
  char* text = nullptr;
  std::string value;
  if (curl_url_set(parsed, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK &&
      curl_url_get(parsed, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK) {
    value = text;
  }
  curl_free(text);
  curl_url_cleanup(parsed);
  return value;
}

}  // namespace

std::string ResolveUrl(const std::string& base, const std::string& location) {
  CURLU* parsed = curl_url();
  char* text = nullptr;
  std::string url;
  if (curl_url_set(parsed, CURLUPART_URL, base.c_str(), 0) == CURLUE_OK &&
      curl_url_set(parsed, CURLUPART_URL, location.c_str(), 0) == CURLUE_OK &&
      curl_url_get(parsed, CURLUPART_URL, &text, 0) == CURLUE_OK) {
    url = text;
  }
  curl_free(text);
  curl_url_cleanup(parsed);
  const bool web =
      absl::StartsWith(url, "https://") || absl::StartsWith(url, "http://");
  return web ? url : "";
}

std::string OriginOf(const std::string& url) {
  const std::string host = UrlPart(url, CURLUPART_HOST);
  if (host.empty()) return "";
  return absl::StrCat(UrlPart(url, CURLUPART_SCHEME), "://",
                      absl::AsciiStrToLower(host), ":",
                      UrlPart(url, CURLUPART_PORT));
}

absl::StatusOr<Host> HostOfUrl(const std::string& url) {
  const std::string origin = OriginOf(url);
  const size_t slashes = origin.find("://");
  if (slashes == std::string::npos) {
    return absl::InvalidArgumentError("malformed address");
  }
  absl::string_view host = absl::string_view(origin).substr(slashes + 3);
  absl::ConsumeSuffix(&host,
                      absl::StartsWith(origin, "https:") ? ":443" : ":80");
  return ParseHost(host);
}

}  // namespace tug::registryd
