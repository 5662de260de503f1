// SPDX-License-Identifier: Apache-2.0
#include "cli/client/engine.h"

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/format/json_text.h"
#include "lib/base/status_macros.h"
#include "lib/http/message.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

// Answers keep this shape whatever newer versions change.
constexpr char kDefaultApiVersion[] = "1.51";
constexpr size_t kMaxErrorBytes = 1024 * 1024;

std::string ApiPrefix() { return absl::StrCat("/v", ApiVersion()); }

std::string ErrorText(const http::ResponseHead& head, const std::string& body) {
  json::error_code error;
  const json::value parsed = json::parse(body, error);
  std::string message = error ? "" : StringMember(parsed, "message");
  if (message.empty()) {
    message = std::string(absl::StripAsciiWhitespace(body));
  }
  if (message.empty()) message = absl::StrCat("status ", head.status);
  return absl::StrCat("Error response from daemon: ", message);
}

absl::Status EngineError(const http::ResponseHead& head,
                         const std::string& body) {
  const std::string text = ErrorText(head, body);
  switch (head.status) {
    case 400:
      return absl::InvalidArgumentError(text);
    case 401:
      return absl::UnauthenticatedError(text);
    case 403:
      return absl::PermissionDeniedError(text);
    case 404:
      return absl::NotFoundError(text);
    case 409:
      return absl::AlreadyExistsError(text);
    case 501:
      return absl::UnimplementedError(text);
    default:
      return absl::InternalError(text);
  }
}

// lib/http's message names the endpoint already.
absl::Status Unreachable(const absl::Status& cause) {
  return absl::UnavailableError(absl::StrCat(
      cause.message(), ". Is tugd running? (deploy/up starts it)"));
}

}  // namespace

std::string ApiVersion() {
  const char* wanted = std::getenv("DOCKER_API_VERSION");
  return wanted != nullptr && *wanted != '\0' ? wanted : kDefaultApiVersion;
}

Path& Path::Add(absl::string_view segment) {
  for (size_t begin = 0; begin <= segment.size();) {
    const size_t end = std::min(segment.find('/', begin), segment.size());
    const absl::string_view part = segment.substr(begin, end - begin);
    if (begin != 0) text_ += '/';
    for (const char c : part) {
      if (c == ':' || c == '@') {
        text_ += c;
      } else {
        text_ += http::PercentEncode({&c, 1});
      }
    }
    begin = end + 1;
  }
  return *this;
}

Path& Path::Query(absl::string_view key, absl::string_view value) {
  absl::StrAppend(&text_, has_query_ ? "&" : "?", key, "=",
                  http::PercentEncode({value.data(), value.size()}));
  has_query_ = true;
  return *this;
}

absl::StatusOr<std::unique_ptr<http::Client>> Engine::Connect() const {
  return http::NewClient(endpoint_);
}

http::Request Engine::NewRequest(const std::string& method,
                                 const Path& path) const {
  http::Request request;
  request.method = method;
  request.target = absl::StrCat(ApiPrefix(), path.text());
  request.headers.Add("Host", "tug");
  request.headers.Add("User-Agent", "tug");
  return request;
}

absl::Status Engine::Run(
    const http::Request& request, const std::function<void()>& on_ready,
    const std::function<absl::Status(absl::string_view)>& on_body) const {
  ASSIGN_OR_RETURN(const auto client, Connect());
  http::ResponseHead answered;
  std::string refusal;
  const auto result = client->Stream(
      request,
      [&](const http::ResponseHead& head) {
        answered = head;
        if (head.status < 400 && on_ready) on_ready();
        return absl::OkStatus();
      },
      [&](std::string_view bytes) -> absl::Status {
        if (answered.status < 400) {
          return on_body(absl::string_view(bytes.data(), bytes.size()));
        }
        refusal.append(bytes.substr(0, kMaxErrorBytes - refusal.size()));
        return absl::OkStatus();
      });
  if (!result.ok()) {
    return absl::IsUnavailable(result.status()) ? Unreachable(result.status())
                                                : result.status();
  }
  return result->status < 400 ? absl::OkStatus()
                              : EngineError(*result, refusal);
}

absl::StatusOr<json::value> Engine::Call(const std::string& method,
                                         const Path& path,
                                         const json::value& body) const {
  http::Request request = NewRequest(method, path);
  if (!body.is_null()) {
    request.headers.Add("Content-Type", "application/json");
    request.body = json::serialize(body);
  }
  std::string text;
  RETURN_IF_ERROR(
      Run(request, nullptr, [&text](absl::string_view bytes) -> absl::Status {
        if (text.size() + bytes.size() > kMaxAnswerBytes) {
          return absl::ResourceExhaustedError("the answer is too large");
        }
        text.append(bytes.data(), bytes.size());
        return absl::OkStatus();
      }));
  if (absl::StripAsciiWhitespace(text).empty()) return json::value();
  json::error_code error;
  json::value value = json::parse(text, error);
  // Some answers (_ping) are plain text.
  return error ? json::value(text) : value;
}

absl::Status Engine::Stream(
    const std::string& method, const Path& path, const HeaderList& headers,
    const std::function<absl::StatusOr<size_t>(char*, size_t)>& read_body,
    const std::function<absl::Status(absl::string_view)>& on_body) const {
  http::Request request = NewRequest(method, path);
  for (const auto& [name, value] : headers) request.headers.Add(name, value);
  request.read_body = read_body;
  return Run(request, nullptr, on_body);
}

absl::Status Engine::StreamAfter(
    const std::string& method, const Path& path,
    const std::function<void()>& on_ready,
    const std::function<absl::Status(absl::string_view)>& on_body) const {
  return Run(NewRequest(method, path), on_ready, on_body);
}

absl::StatusOr<http::Client::Upgraded> Engine::Hijack(
    const Path& path, const json::value& body) const {
  ASSIGN_OR_RETURN(const auto client, Connect());
  http::Request request = NewRequest("POST", path);
  request.headers.Add("Content-Type",
                      body.is_null() ? "text/plain" : "application/json");
  if (!body.is_null()) request.body = json::serialize(body);
  auto upgraded = client->Upgrade(request);
  if (!upgraded.ok()) {
    return absl::IsUnavailable(upgraded.status())
               ? Unreachable(upgraded.status())
               : upgraded.status();
  }
  if (!upgraded->socket.valid()) {
    return EngineError(upgraded->head, upgraded->body);
  }
  return upgraded;
}

absl::StatusOr<std::string> EncodeFilters(
    const std::vector<std::string>& words) {
  json::object filters;
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat(
          "invalid argument \"", word,
          "\" for \"-f, --filter\" flag: invalid filter '", word, "'"));
    }
    const std::string key = absl::AsciiStrToLower(
        absl::StripAsciiWhitespace(word.substr(0, equals)));
    const std::string value(
        absl::StripAsciiWhitespace(word.substr(equals + 1)));
    json::value& values = filters[key];
    if (values.is_null()) values = json::object();
    values.get_object()[value] = true;
  }
  return filters.empty() ? "" : json::serialize(filters);
}

}  // namespace tug::cli
