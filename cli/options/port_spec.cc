// SPDX-License-Identifier: Apache-2.0
#include "cli/options/port_spec.h"

#include <arpa/inet.h>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

struct Range {
  int first = 0;
  int last = 0;
  int size() const { return last - first + 1; }
};

absl::Status Invalid(absl::string_view what, absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat("invalid ", what, ": ", text));
}

absl::StatusOr<Range> ParseRange(absl::string_view text,
                                 absl::string_view what) {
  const std::vector<absl::string_view> ends = absl::StrSplit(text, '-');
  Range range;
  const bool valid =
      ends.size() <= 2 && absl::SimpleAtoi(ends[0], &range.first) &&
      absl::SimpleAtoi(ends.back(), &range.last) && range.first >= 0 &&
      range.last <= 65535 && range.first <= range.last;
  if (!valid) return Invalid(what, text);
  return range;
}

bool IsAddress(const std::string& text) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, text.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

// Takes "/protocol" off; "tcp" if there is none.
absl::StatusOr<std::string> TakeProtocol(absl::string_view& spec) {
  const size_t slash = spec.rfind('/');
  if (slash == absl::string_view::npos) return std::string("tcp");
  const std::string protocol = absl::AsciiStrToLower(spec.substr(slash + 1));
  spec = spec.substr(0, slash);
  if (protocol != "tcp" && protocol != "udp" && protocol != "sctp") {
    return Invalid("proto", protocol);
  }
  return protocol;
}

// Splits at colons outside brackets, from the right: container, host, address.
std::vector<std::string> SplitParts(absl::string_view spec) {
  std::vector<std::string> parts;
  const size_t last = spec.rfind(':');
  if (last == absl::string_view::npos) return {std::string(spec)};
  parts.emplace_back(spec.substr(last + 1));
  spec = spec.substr(0, last);
  const size_t bracket = spec.rfind(']');
  const size_t second = spec.rfind(':');
  if (second != absl::string_view::npos &&
      (bracket == absl::string_view::npos || second > bracket)) {
    parts.emplace_back(spec.substr(second + 1));
    spec = spec.substr(0, second);
    parts.emplace_back(spec);
  } else {
    parts.emplace_back(spec);
  }
  return parts;
}

absl::StatusOr<std::vector<PublishedPort>> Expand(const std::string& address,
                                                  const std::string& host,
                                                  const std::string& container,
                                                  const std::string& protocol) {
  if (container.empty()) {
    return absl::InvalidArgumentError("no port specified");
  }
  ASSIGN_OR_RETURN(const Range inner, ParseRange(container, "containerPort"));
  Range outer;
  if (!host.empty()) {
    ASSIGN_OR_RETURN(outer, ParseRange(host, "hostPort"));
    if (outer.size() != inner.size() && inner.size() != 1) {
      return Invalid("ranges specified for container and host Ports",
                     absl::StrCat(container, " and ", host));
    }
  }
  std::vector<PublishedPort> ports;
  for (int i = 0; i < inner.size(); ++i) {
    PublishedPort port;
    port.container = absl::StrCat(inner.first + i, "/", protocol);
    port.host_ip = address;
    if (!host.empty()) {
      // Several host ports for one port: the engine picks a free one.
      port.host_port = outer.size() == inner.size()
                           ? absl::StrCat(outer.first + i)
                           : absl::StrCat(outer.first, "-", outer.last);
    }
    ports.push_back(std::move(port));
  }
  return ports;
}

absl::StatusOr<std::vector<PublishedPort>> ParseLongForm(
    absl::string_view spec) {
  std::string target;
  std::string published;
  std::string address;
  std::string protocol = "tcp";
  for (const absl::string_view word : absl::StrSplit(spec, ',')) {
    const std::pair<std::string, std::string> sides =
        absl::StrSplit(word, absl::MaxSplits('=', 1));
    if (sides.first == "target") {
      target = sides.second;
    } else if (sides.first == "published") {
      published = sides.second;
    } else if (sides.first == "protocol") {
      protocol = sides.second;
    } else if (sides.first == "host_ip" || sides.first == "host-ip") {
      address = sides.second;
    } else if (sides.first != "mode") {
      return Invalid("field", sides.first);
    }
  }
  return Expand(address, published, target, protocol);
}

}  // namespace

absl::StatusOr<std::vector<PublishedPort>> ParsePublish(
    absl::string_view spec) {
  if (absl::StrContains(spec, '=')) return ParseLongForm(spec);
  ASSIGN_OR_RETURN(const std::string protocol, TakeProtocol(spec));
  const std::vector<std::string> parts = SplitParts(spec);
  std::string address = parts.size() > 2 ? parts[2] : "";
  std::string host = parts.size() > 1 ? parts[1] : "";
  if (absl::StartsWith(host, "[")) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid publish \"", spec, "\": host port is missing"));
  }
  if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
    address = address.substr(1, address.size() - 2);
  }
  if (!address.empty() && !IsAddress(address)) {
    return Invalid("IP address", address);
  }
  return Expand(address, host, parts[0], protocol);
}

absl::StatusOr<std::vector<std::string>> ParseExpose(absl::string_view spec) {
  ASSIGN_OR_RETURN(const std::string protocol, TakeProtocol(spec));
  if (absl::StrContains(spec, ':')) {
    return Invalid("port format for --expose", spec);
  }
  ASSIGN_OR_RETURN(const Range range,
                   ParseRange(spec, "range format for --expose"));
  std::vector<std::string> ports;
  for (int port = range.first; port <= range.last; ++port) {
    ports.push_back(absl::StrCat(port, "/", protocol));
  }
  return ports;
}

}  // namespace tug::cli
