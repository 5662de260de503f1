// SPDX-License-Identifier: Apache-2.0
#include "lib/http/message_writer.h"

#include <time.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace tug::http {
namespace {

bool IsClean(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

void Append(std::string& text, std::string_view piece) {
  text.append(piece.data(), piece.size());
}

absl::Status AppendFields(std::string& text, const Headers& headers) {
  for (const auto& [name, value] : headers.fields()) {
    if (!IsClean(name) || !IsClean(value)) {
      return absl::InvalidArgumentError(
          absl::StrCat("control character in header ", name));
    }
    Append(text, name);
    Append(text, ": ");
    Append(text, value);
    Append(text, "\r\n");
  }
  Append(text, "\r\n");
  return absl::OkStatus();
}

}  // namespace

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 101:
      return "UPGRADED";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 409:
      return "Conflict";
    case 413:
      return "Request Entity Too Large";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Requested Range Not Satisfiable";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 499:
      return "Client Closed Request";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

bool IsBodiless(int status) {
  return status / 100 == 1 || status == 204 || status == 304;
}

std::string_view HttpDate() {
  thread_local time_t cached = 0;
  thread_local char text[40];
  const time_t now = ::time(nullptr);
  if (now != cached) {
    tm parts;
    ::gmtime_r(&now, &parts);
    ::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    cached = now;
  }
  return text;
}

absl::StatusOr<std::string> FormatResponseHead(const ResponseHead& head) {
  std::string text = absl::StrCat("HTTP/1.1 ", head.status, " ");
  if (!IsClean(head.reason)) {
    return absl::InvalidArgumentError("control character in reason phrase");
  }
  Append(text, head.reason.empty() ? ReasonPhrase(head.status)
                                   : std::string_view(head.reason));
  Append(text, "\r\n");
  absl::Status status = AppendFields(text, head.headers);
  if (!status.ok()) return status;
  return text;
}

absl::StatusOr<std::string> FormatRequestHead(std::string_view method,
                                              std::string_view target,
                                              const Headers& headers) {
  if (!IsClean(method) || !IsClean(target) ||
      target.find(' ') != std::string_view::npos) {
    return absl::InvalidArgumentError("bad request target");
  }
  std::string text;
  Append(text, method);
  Append(text, " ");
  Append(text, target);
  Append(text, " HTTP/1.1\r\n");
  absl::Status status = AppendFields(text, headers);
  if (!status.ok()) return status;
  return text;
}

std::string ChunkHeader(size_t size) {
  return absl::StrCat(absl::Hex(size), "\r\n");
}

}  // namespace tug::http
