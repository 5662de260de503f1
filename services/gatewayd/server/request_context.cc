// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/server/request_context.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "boost/json/parse.hpp"
#include "boost/json/serialize.hpp"
#include "boost/json/stream_parser.hpp"
#include "lib/base/status_macros.h"
#include "lib/program/version.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/server/go_number.h"
#include "services/gatewayd/server/json_syntax.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

constexpr absl::string_view kJsonType = "application/json";
// Deepest nesting of a body.
constexpr size_t kMaxJsonDepth = 64;

absl::Status InvalidJson(absl::string_view what) {
  return DockerError(400, absl::StrCat("invalid JSON: ", what));
}

// Docker's check: application/json, with or without parameters.
absl::Status CheckContentType(absl::string_view type) {
  const absl::string_view media =
      absl::StripAsciiWhitespace(type.substr(0, type.find(';')));
  if (media.empty()) {
    return DockerError(400, absl::StrCat("malformed Content-Type header (",
                                         type, "): mime: no media type"));
  }
  if (absl::AsciiStrToLower(media) == kJsonType) return absl::OkStatus();
  return DockerError(400, absl::StrCat("unsupported Content-Type header (",
                                       type, "): must be '", kJsonType, "'"));
}

// Why a text is no JSON, in the words that Docker's clients know.
absl::Status ExplainParseFailure(absl::string_view text,
                                 const boost::system::error_code& error) {
  const std::string why = ExplainJsonSyntax(text);
  return InvalidJson(why.empty() ? error.message() : why);
}

absl::StatusOr<json::value> ParseBody(absl::string_view text) {
  json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  json::stream_parser parser(json::storage_ptr(), options);
  boost::system::error_code error;
  const size_t used = parser.write_some(text.data(), text.size(), error);
  if (!error && !parser.done()) parser.finish(error);
  if (error) return ExplainParseFailure(text, error);
  if (!absl::StripAsciiWhitespace(text.substr(used)).empty()) {
    return DockerError(400, "unexpected content after JSON");
  }
  return parser.release();
}

}  // namespace

RequestContext::~RequestContext() {
  if (watching_) exchange_.StopWatching();
}

bool RequestContext::QueryBool(absl::string_view name, bool fallback) const {
  const std::string_view key(name.data(), name.size());
  if (!query().Has(key)) return fallback;
  const std::string value = absl::AsciiStrToLower(query().Get(key));
  const absl::string_view text = absl::StripAsciiWhitespace(value);
  return !(text.empty() || text == "0" || text == "no" || text == "false" ||
           text == "none");
}

absl::StatusOr<int64_t> RequestContext::QueryInt(absl::string_view name,
                                                 int64_t fallback) const {
  const std::string text =
      query().Get(std::string_view(name.data(), name.size()));
  if (text.empty()) return fallback;
  const absl::StatusOr<int64_t> value = ParseGoSigned(text);
  if (!value.ok()) {
    return DockerError(400, absl::StrCat("strconv.Atoi: parsing \"", text,
                                         "\": ", value.status().message()));
  }
  return *value;
}

absl::StatusOr<std::optional<json::value>> RequestContext::ReadJsonBody() {
  const http::Headers& headers = head().headers;
  const std::string_view type = headers.Get("Content-Type");
  const std::string_view length = headers.Get("Content-Length");
  const bool no_body =
      !headers.Has("Transfer-Encoding") && (length.empty() || length == "0");
  if (!(no_body && !headers.Has("Content-Type"))) {
    RETURN_IF_ERROR(
        CheckContentType(absl::string_view(type.data(), type.size())));
  }
  if (no_body) return std::nullopt;
  ASSIGN_OR_RETURN(const std::string body, exchange_.ReadBody(kMaxJsonBody));
  if (absl::StripAsciiWhitespace(body).empty()) {
    return InvalidJson("got EOF while reading request body");
  }
  ASSIGN_OR_RETURN(json::value value, ParseBody(body));
  return value;
}

std::string ToDockerJson(const json::value& value) {
  return json::serialize(value);
}

void AddStandardHeaders(http::ResponseHead& head) {
  static const std::string kServer =
      absl::StrCat("Docker/", kVersion, " (linux)");
  static const std::string kApi = ToString(kNewestApi);
  head.headers.Add("Api-Version", kApi);
  head.headers.Add("Docker-Experimental", "false");
  head.headers.Add("Ostype", "linux");
  head.headers.Add("Server", kServer);
}

http::ResponseHead RequestContext::NewHead(int status,
                                           absl::string_view content_type) {
  http::ResponseHead head;
  head.status = status;
  AddStandardHeaders(head);
  if (!content_type.empty()) {
    head.headers.Add("Content-Type", std::string_view(content_type.data(),
                                                      content_type.size()));
  }
  return head;
}

absl::Status RequestContext::RespondJson(int status, const json::value& value) {
  return exchange_.Respond(NewHead(status, kJsonType),
                           ToDockerJson(value) + "\n");
}

absl::Status RequestContext::RespondEmpty(int status) {
  return exchange_.Respond(NewHead(status, ""), "");
}

absl::Status RequestContext::RespondText(int status,
                                         absl::string_view content_type,
                                         absl::string_view body) {
  return exchange_.Respond(NewHead(status, content_type),
                           std::string_view(body.data(), body.size()));
}

Cancellation& RequestContext::client_gone() {
  if (!watching_) {
    watching_ = true;
    exchange_.WatchDisconnect([this] { client_gone_.Cancel(); });
  }
  return client_gone_;
}

absl::Status JsonLines::Start() {
  if (started_) return absl::OkStatus();
  started_ = true;
  return context_.exchange().StartStream(context_.NewHead(200, content_type_));
}

absl::Status JsonLines::Write(const json::value& value) {
  RETURN_IF_ERROR(Start());
  return context_.exchange().WriteSome(ToDockerJson(value) + "\r\n");
}

}  // namespace tug::gatewayd
