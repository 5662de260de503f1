// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/registry_error.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "boost/json.hpp"
#include "lib/base/status.h"

namespace tug::registryd {
namespace {

// Longest text of a registry that is passed on to people.
constexpr size_t kMaxRegistryText = 300;

// A registry's words, without what could forge a line of a log or terminal.
std::string Printable(absl::string_view text) {
  std::string clean(text.substr(0, kMaxRegistryText));
  for (char& c : clean) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) c = ' ';
  }
  return clean;
}

struct RegistryAnswer {
  std::string code;
  std::string message;
};

std::string StringField(const boost::json::object& object, const char* key) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return "";
  return std::string(value->get_string());
}

RegistryAnswer ParseBody(const std::string& body) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(body, error);
  if (error || !value.is_object()) return {};
  const boost::json::object& object = value.get_object();
  const boost::json::value* errors = object.if_contains("errors");
  if (errors == nullptr || !errors->is_array() || errors->get_array().empty() ||
      !errors->get_array()[0].is_object()) {
    // Token servers answer {"details": ...} or {"message": ...}.
    std::string message = StringField(object, "details");
    if (message.empty()) message = StringField(object, "message");
    return {"", Printable(message)};
  }
  const boost::json::object& first = errors->get_array()[0].get_object();
  return {Printable(StringField(first, "code")),
          Printable(StringField(first, "message"))};
}

std::string Subject(const Question& question) {
  if (question.repository.empty()) return question.host;
  std::string text = absl::StrCat(question.host, "/", question.repository);
  if (!question.reference.empty()) {
    absl::StrAppend(
        &text, question.reference.find(':') == std::string::npos ? ":" : "@",
        question.reference);
  }
  return text;
}

absl::Status Refused(const Question& question, Proof proof,
                     bool has_credentials) {
  const std::string subject = Subject(question);
  if (proof == Proof::kBearer && !question.repository.empty()) {
    return WithReason(
        absl::PermissionDeniedError(absl::StrCat(
            "access to ", subject,
            " denied: it does not exist or needs other credentials")),
        "ACCESS_DENIED");
  }
  const char* what = has_credentials
                         ? ": wrong user name or password"
                         : ": the registry asks for a user name and password";
  return WithReason(absl::UnauthenticatedError(absl::StrCat(subject, what)),
                    "CREDENTIALS_REFUSED");
}

absl::Status NotFound(const Question& question, const std::string& code) {
  const std::string subject = Subject(question);
  if (code == "NAME_UNKNOWN" || question.noun == Question::Noun::kTags) {
    return WithReason(absl::NotFoundError(
                          absl::StrCat("repository ", question.host, "/",
                                       question.repository, " does not exist")),
                      "REPOSITORY_UNKNOWN");
  }
  if (question.noun == Question::Noun::kBlob) {
    return WithReason(
        absl::NotFoundError(absl::StrCat("blob ", subject, " not found")),
        "BLOB_UNKNOWN");
  }
  if (question.noun == Question::Noun::kLogin) {
    return WithReason(absl::InternalError(absl::StrCat(
                          subject, " is no registry: /v2/ does not exist")),
                      "REGISTRY_ERROR");
  }
  return WithReason(
      absl::NotFoundError(absl::StrCat("manifest ", subject, " not found")),
      "MANIFEST_UNKNOWN");
}

absl::Status RateLimited(const HttpResult& result, const Question& question) {
  absl::Status status =
      WithReason(absl::ResourceExhaustedError(
                     absl::StrCat(Subject(question), ": too many requests")),
                 "RATE_LIMITED");
  const int seconds = RetryAfterSeconds(result);
  return WithMetadata(std::move(status), "retry_after_seconds",
                      absl::StrCat(std::max(seconds, 0)));
}

absl::Status FromAnswer(const HttpResult& result, const Question& question,
                        Proof proof, bool has_credentials,
                        const RegistryAnswer& answer) {
  switch (result.status) {
    case 401:
      return Refused(question, proof, has_credentials);
    case 403:
      return WithReason(absl::PermissionDeniedError(absl::StrCat(
                            "access to ", Subject(question), " denied")),
                        "ACCESS_DENIED");
    case 404:
      return NotFound(question, answer.code);
    case 429:
      return RateLimited(result, question);
    default:
      return WithReason(
          absl::InternalError(absl::StrCat(
              Subject(question), ": registry answered status ", result.status)),
          "REGISTRY_ERROR");
  }
}

}  // namespace

std::string RegistryErrorCode(const std::string& body) {
  return ParseBody(body).code;
}

int RetryAfterSeconds(const HttpResult& result) {
  int seconds = 0;
  if (!absl::SimpleAtoi(result.Header("retry-after"), &seconds) ||
      seconds < 0) {
    return -1;
  }
  return seconds;
}

absl::Status RegistryError(const HttpResult& result, const Question& question,
                           Proof proof, bool has_credentials) {
  if (result.failure != Failure::kNone) {
    return WithMetadata(result.error, "host", question.host);
  }
  const RegistryAnswer answer = ParseBody(result.body);
  absl::Status status =
      FromAnswer(result, question, proof, has_credentials, answer);
  if (!answer.message.empty()) {
    std::string code = StatusReason(status);
    const auto metadata = StatusMetadata(status);
    absl::Status longer(status.code(),
                        absl::StrCat(status.message(), ": ", answer.message));
    status = WithReason(std::move(longer), code);
    for (const auto& [key, value] : metadata) {
      status = WithMetadata(std::move(status), key, value);
    }
    status =
        WithMetadata(std::move(status), "registry_message", answer.message);
  }
  if (!answer.code.empty()) {
    status = WithMetadata(std::move(status), "registry_code", answer.code);
  }
  status = WithMetadata(std::move(status), "host", question.host);
  if (!question.repository.empty()) {
    status = WithMetadata(std::move(status), "repository", question.repository);
  }
  if (!question.reference.empty()) {
    status = WithMetadata(std::move(status), "reference", question.reference);
  }
  status = WithMetadata(std::move(status), "authenticated",
                        has_credentials ? "true" : "false");
  return WithMetadata(std::move(status), "status", absl::StrCat(result.status));
}

}  // namespace tug::registryd
