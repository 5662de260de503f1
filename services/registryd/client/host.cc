// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/host.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"

namespace tug::registryd {
namespace {

constexpr size_t kMaxHostBytes = 255;

absl::Status Invalid(absl::string_view what, absl::string_view text) {
  return WithReason(absl::InvalidArgumentError(absl::StrCat(
                        what, " \"", text.substr(0, kMaxHostBytes), "\"")),
                    "REFERENCE_INVALID");
}

bool AllOf(absl::string_view text, bool (*allowed)(char)) {
  return std::all_of(text.begin(), text.end(), allowed);
}

bool IsHostByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' ||
         c == '-' || c == '_';
}

bool IsAddress6Byte(char c) {
  return absl::ascii_isxdigit(static_cast<unsigned char>(c)) || c == ':' ||
         c == '.';
}

}  // namespace

absl::StatusOr<Host> ParseHost(absl::string_view text) {
  Host host;
  host.text = absl::AsciiStrToLower(text);
  absl::string_view rest = host.text;
  if (rest.empty() || rest.size() > kMaxHostBytes) {
    return Invalid("invalid registry host", text);
  }
  if (rest[0] == '[') {
    const size_t end = rest.find(']');
    if (end == absl::string_view::npos) {
      return Invalid("invalid registry host", text);
    }
    host.hostname = std::string(rest.substr(1, end - 1));
    rest = rest.substr(end + 1);
    if (!AllOf(host.hostname, IsAddress6Byte)) {
      return Invalid("invalid registry host", text);
    }
  } else {
    const size_t end = std::min(rest.find(':'), rest.size());
    host.hostname = std::string(rest.substr(0, end));
    rest = rest.substr(end);
    if (!AllOf(host.hostname, IsHostByte) || host.hostname[0] == '-') {
      return Invalid("invalid registry host", text);
    }
  }
  if (host.hostname.empty()) return Invalid("invalid registry host", text);
  if (!rest.empty() &&
      (rest[0] != ':' || !absl::SimpleAtoi(rest.substr(1), &host.port) ||
       host.port < 1 || host.port > 65535)) {
    return Invalid("invalid port in registry host", text);
  }
  return host;
}

bool IsLoopback(absl::string_view hostname) {
  if (hostname == "localhost" || absl::EndsWith(hostname, ".localhost") ||
      hostname == "::1") {
    return true;
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(hostname, '.');
  return parts.size() == 4 && parts[0] == "127" &&
         std::all_of(parts.begin(), parts.end(), [](absl::string_view part) {
           int value = 0;
           return absl::SimpleAtoi(part, &value) && value >= 0 && value < 256;
         });
}

std::string ApiAddress(const Host& host) {
  if (host.text == "docker.io" || host.text == "index.docker.io") {
    return "registry-1.docker.io";
  }
  return host.text;
}

}  // namespace tug::registryd
