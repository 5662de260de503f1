// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/netlink/ip.h"

namespace tug::netd {

// What a resolv.conf says.
struct ResolvConf {
  std::vector<std::string> servers;
  // Of the last "search" or "domain" line.
  std::vector<std::string> search;
  // Of all "options" lines.
  std::vector<std::string> options;
  // Lines with other keywords, as they are.
  std::vector<std::string> others;
  // Where it was read.
  std::string path;
};

// Most bytes of a host's file that are looked at.
inline constexpr size_t kMaxResolvConf = 64 * 1024;
// Most name servers that are kept.
inline constexpr size_t kMaxNameServers = 16;

ResolvConf ParseResolvConf(absl::string_view text);

// The host's own; empty if there is none. If all it names is systemd-resolved's
// stub, the file that has the real servers.
ResolvConf ReadHostResolvConf();

// What the user asked for; absent parts come from the host.
struct ResolvOverrides {
  std::optional<std::vector<std::string>> servers;
  std::optional<std::vector<std::string>> search;
  std::optional<std::vector<std::string>> options;
};

// The servers that a container's questions go to in the end: the user's or
// the host's. What is no address is left out.
std::vector<netlink::IpAddress> Upstreams(const ResolvConf& host,
                                          const ResolvOverrides& overrides);

// How the servers of a file are chosen.
enum class ResolvStyle {
  kHost,      // As the host has them.
  kLegacy,    // Default bridge: none that a container cannot reach.
  kInternal,  // User-defined network: 127.0.0.11.
};
// `ipv6`: whether the container has it.
std::string RenderResolvConf(const ResolvConf& host,
                             const ResolvOverrides& overrides,
                             ResolvStyle style, bool ipv6);

}  // namespace tug::netd
