// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/network_text.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace tug::gatewayd {
namespace {

constexpr size_t kMaxDigits = 20;
constexpr uint64_t kMaxPort = 65535;
constexpr size_t kMaxAddressText = 128;

bool AllDigits(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  return !text.empty();
}

absl::Status PortError(absl::string_view port, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("invalid port '", port, "': ", why));
}

absl::Status AddressError(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("ParseAddr(\"", text, "\"): ", why));
}

bool HasLeadingZero(absl::string_view text) {
  for (absl::string_view part : absl::StrSplit(text, '.')) {
    if (part.size() > 1 && part.front() == '0') return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<std::string> NormalizePort(absl::string_view text) {
  if (text.empty()) return std::string();
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('/', 1));
  const absl::string_view port = parts.first;
  if (port.empty()) return PortError(port, "value is empty");
  if (!AllDigits(port)) return PortError(port, "invalid syntax");
  uint64_t number = 0;
  if (port.size() > kMaxDigits || !absl::SimpleAtoi(port, &number) ||
      number > kMaxPort) {
    return PortError(port, "value out of range");
  }
  const std::string protocol = absl::AsciiStrToLower(parts.second);
  return absl::StrCat(number, "/", protocol.empty() ? "tcp" : protocol);
}

absl::StatusOr<std::string> NormalizeAddress(absl::string_view text) {
  if (text.empty()) return std::string();
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('%', 1));
  const std::string address(parts.first.substr(0, kMaxAddressText));
  char buffer[INET6_ADDRSTRLEN];
  in_addr v4;
  in6_addr v6;
  const bool zoned = absl::StrContains(text, '%');
  if (!zoned && inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    if (HasLeadingZero(address)) {
      return AddressError(text, "IPv4 field has octet with leading zero");
    }
    return std::string(inet_ntop(AF_INET, &v4, buffer, sizeof(buffer)));
  }
  if (inet_pton(AF_INET6, address.c_str(), &v6) != 1 ||
      (zoned && parts.second.empty())) {
    return AddressError(text, "unable to parse IP");
  }
  return absl::StrCat(inet_ntop(AF_INET6, &v6, buffer, sizeof(buffer)),
                      zoned ? "%" : "", parts.second);
}

absl::StatusOr<std::string> NormalizePrefix(absl::string_view text) {
  if (text.empty()) return std::string();
  const auto error = [&](absl::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrCat("netip.ParsePrefix(\"", text, "\"): ", why));
  };
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '/');
  if (parts.size() == 1) return error("no '/'");
  const absl::StatusOr<std::string> address = NormalizeAddress(parts[0]);
  if (!address.ok()) return error(address.status().message());
  int bits = 0;
  if (parts.size() != 2 || !AllDigits(parts[1]) ||
      !absl::SimpleAtoi(parts[1], &bits)) {
    return error(absl::StrCat("bad bits after slash: \"", parts[1], "\""));
  }
  if (bits > (absl::StrContains(*address, ':') ? 128 : 32)) {
    return error("prefix length out of range");
  }
  return absl::StrCat(*address, "/", bits);
}

absl::StatusOr<std::string> NormalizeMac(absl::string_view text) {
  if (text.empty()) return std::string();
  std::vector<std::string> octets;
  const char separator = absl::StrContains(text, '-') ? '-' : ':';
  for (absl::string_view part : absl::StrSplit(text, separator)) {
    if (part.size() != 2 || !absl::ascii_isxdigit(part[0]) ||
        !absl::ascii_isxdigit(part[1])) {
      octets.clear();
      break;
    }
    octets.push_back(absl::AsciiStrToLower(part));
  }
  if (octets.size() != 6 && octets.size() != 8) {
    return absl::InvalidArgumentError(
        absl::StrCat("address ", text, ": invalid MAC address"));
  }
  return absl::StrJoin(octets, ":");
}

}  // namespace tug::gatewayd
