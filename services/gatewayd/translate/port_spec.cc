// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/port_spec.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/gatewayd/translate/network_text.h"

namespace tug::gatewayd {
namespace {

constexpr uint32_t kMaxPort = 65535;

struct Range {
  uint32_t first;
  uint32_t last;
};

std::optional<uint32_t> ReadPort(absl::string_view text) {
  uint32_t port = 0;
  if (text.empty() ||
      !std::all_of(text.begin(), text.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(text, &port) || port > kMaxPort) {
    return std::nullopt;
  }
  return port;
}

std::optional<Range> ReadRange(absl::string_view text) {
  const size_t dash = text.find('-');
  const auto first = ReadPort(text.substr(0, dash));
  const auto last = dash == text.npos ? first : ReadPort(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return Range{*first, *last};
}

absl::Status Invalid(absl::string_view why) {
  return absl::InvalidArgumentError(why);
}

// Takes what follows the last colon off `text`.
absl::string_view TakeLast(absl::string_view& text) {
  const size_t colon = text.rfind(':');
  const absl::string_view last =
      colon == text.npos ? text : text.substr(colon + 1);
  text = colon == text.npos ? absl::string_view() : text.substr(0, colon);
  return last;
}

absl::Status CheckAddress(absl::string_view address) {
  if (absl::ConsumePrefix(&address, "[")) absl::ConsumeSuffix(&address, "]");
  const auto normal = NormalizeAddress(address);
  return normal.ok() ? absl::OkStatus()
                     : Invalid(absl::StrCat("invalid IP address: ",
                                            normal.status().message()));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ContainerPortsOf(
    absl::string_view spec) {
  absl::string_view rest = spec;
  std::string protocol = "tcp";
  const size_t slash = rest.rfind('/');
  if (slash != rest.npos) {
    if (slash + 1 < rest.size()) {
      protocol = absl::AsciiStrToLower(rest.substr(slash + 1));
    }
    rest = rest.substr(0, slash);
  }
  const absl::string_view port = TakeLast(rest);
  const absl::string_view host_port = TakeLast(rest);
  if (port.empty()) {
    return Invalid(absl::StrCat("no port specified: ", spec, "<empty>"));
  }
  if (!rest.empty()) {
    const absl::Status address = CheckAddress(rest);
    if (!address.ok()) return address;
  }
  if (protocol != "tcp" && protocol != "udp" && protocol != "sctp") {
    return Invalid(absl::StrCat("invalid proto: ", protocol));
  }
  const std::optional<Range> range = ReadRange(port);
  if (!range) return Invalid(absl::StrCat("invalid containerPort: ", port));
  if (!host_port.empty()) {
    const std::optional<Range> host = ReadRange(host_port);
    if (!host) return Invalid(absl::StrCat("invalid hostPort: ", host_port));
    if (host->last - host->first != range->last - range->first &&
        range->last != range->first) {
      return Invalid(absl::StrCat(
          "invalid ranges specified for container and host Ports: ", port,
          " and ", host_port));
    }
  }
  std::vector<std::string> ports;
  for (uint32_t number = range->first; number <= range->last; ++number) {
    ports.push_back(absl::StrCat(number, "/", protocol));
  }
  return ports;
}

}  // namespace tug::gatewayd
