// SPDX-License-Identifier: Apache-2.0
#include "services/netd/hosts/resolv_conf.h"

#include <fcntl.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lib/sys/file.h"

namespace tug::netd {
namespace {

using netlink::IpAddress;

constexpr char kHostFile[] = "/etc/resolv.conf";
constexpr char kResolvedFile[] = "/run/systemd/resolve/resolv.conf";
constexpr char kResolvedStub[] = "127.0.0.53";
constexpr char kOwnResolver[] = "127.0.0.11";
// Where nothing else is left on the default bridge.
constexpr const char* kPublicV4[] = {"8.8.8.8", "8.8.4.4"};
constexpr const char* kPublicV6[] = {"2001:4860:4860::8888",
                                     "2001:4860:4860::8844"};

ResolvConf ReadFile(const char* path) {
  std::string text(kMaxResolvConf, '\0');
  const UniqueFd fd(open(path, O_RDONLY | O_CLOEXEC));
  const long size = fd ? sys::ReadUpTo(fd.get(), text.data(), text.size()) : -1;
  text.resize(size > 0 ? static_cast<size_t>(size) : 0);
  ResolvConf conf = ParseResolvConf(text);
  conf.path = path;
  return conf;
}

// The address without a zone ("fe80::1%eth0"), which means nothing elsewhere.
absl::string_view WithoutZone(absl::string_view server) {
  return server.substr(0, server.find('%'));
}

bool IsAddress(absl::string_view server) {
  return IpAddress::Parse(WithoutZone(server)).ok();
}

std::vector<std::string> LegacyServers(const std::vector<std::string>& servers,
                                       bool ipv6) {
  std::vector<std::string> kept;
  for (const std::string& server : servers) {
    const auto address = IpAddress::Parse(WithoutZone(server));
    if (!address.ok() || address->IsLoopback()) continue;
    if (address->is_v4() || ipv6) kept.push_back(server);
  }
  if (!kept.empty()) return kept;
  kept.assign(std::begin(kPublicV4), std::end(kPublicV4));
  if (ipv6) kept.insert(kept.end(), std::begin(kPublicV6), std::end(kPublicV6));
  return kept;
}

// Parts that have been decided, and what to say about them.
struct Parts {
  std::vector<std::string> servers;
  std::vector<std::string> search;
  std::vector<std::string> options;
  std::vector<std::string> overridden;
  std::vector<std::string> invalid;
};

Parts Decide(const ResolvConf& host, const ResolvOverrides& overrides) {
  Parts parts = {host.servers, host.search, host.options, {}, {}};
  if (overrides.servers.has_value()) {
    parts.servers = *overrides.servers;
    parts.overridden.push_back("nameservers");
  }
  if (overrides.search.has_value()) {
    parts.search = *overrides.search;
    parts.overridden.push_back("search");
  }
  // A single "." means none.
  if (parts.search.size() == 1 && parts.search[0] == ".") parts.search.clear();
  if (overrides.options.has_value()) {
    parts.options = *overrides.options;
    parts.overridden.push_back("options");
  }
  const auto bad = std::stable_partition(
      parts.servers.begin(), parts.servers.end(),
      [](const std::string& server) { return IsAddress(server); });
  parts.invalid.assign(bad, parts.servers.end());
  parts.servers.erase(bad, parts.servers.end());
  if (parts.servers.size() > kMaxNameServers) {
    parts.servers.resize(kMaxNameServers);
  }
  return parts;
}

std::string Comments(const ResolvConf& host, const Parts& parts,
                     ResolvStyle style, const std::string& upstreams,
                     bool ndots_added) {
  std::string text = absl::StrCat("\n# Based on host file: '", host.path, "'");
  if (style == ResolvStyle::kLegacy) absl::StrAppend(&text, " (legacy)");
  if (style == ResolvStyle::kInternal) {
    absl::StrAppend(&text, " (internal resolver)\n# ExtServers: [", upstreams,
                    "]");
  }
  absl::StrAppend(&text, "\n");
  if (!parts.invalid.empty()) {
    absl::StrAppend(&text, "# Invalid nameservers: [",
                    absl::StrJoin(parts.invalid, " "), "]\n");
  }
  absl::StrAppend(&text, "# Overrides: [", absl::StrJoin(parts.overridden, " "),
                  "]\n");
  if (ndots_added) absl::StrAppend(&text, "# Option ndots from: internal\n");
  return text;
}

}  // namespace

ResolvConf ParseResolvConf(absl::string_view text) {
  ResolvConf conf;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
    if (words.empty() || words[0][0] == '#' || words[0][0] == ';') continue;
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    if (words[0] == "nameserver") {
      if (!rest.empty()) conf.servers.push_back(rest[0]);
    } else if (words[0] == "search" || words[0] == "domain") {
      conf.search = rest;
    } else if (words[0] == "options") {
      conf.options.insert(conf.options.end(), rest.begin(), rest.end());
    } else {
      conf.others.push_back(std::string(line));
    }
  }
  return conf;
}

ResolvConf ReadHostResolvConf() {
  ResolvConf conf = ReadFile(kHostFile);
  if (conf.servers == std::vector<std::string>{kResolvedStub}) {
    ResolvConf resolved = ReadFile(kResolvedFile);
    if (!resolved.servers.empty()) return resolved;
  }
  return conf;
}

std::vector<IpAddress> Upstreams(const ResolvConf& host,
                                 const ResolvOverrides& overrides) {
  std::vector<IpAddress> upstreams;
  for (const std::string& server : Decide(host, overrides).servers) {
    const auto address = IpAddress::Parse(WithoutZone(server));
    if (address.ok()) upstreams.push_back(*address);
  }
  return upstreams;
}

std::string RenderResolvConf(const ResolvConf& host,
                             const ResolvOverrides& overrides,
                             ResolvStyle style, bool ipv6) {
  Parts parts = Decide(host, overrides);
  std::string upstreams;
  bool ndots_added = false;
  if (style == ResolvStyle::kLegacy && !overrides.servers.has_value()) {
    parts.servers = LegacyServers(parts.servers, ipv6);
  }
  if (style == ResolvStyle::kInternal) {
    const char* source = overrides.servers.has_value() ? "" : "host(";
    upstreams = absl::StrJoin(
        parts.servers, " ", [&](std::string* out, const std::string& server) {
          absl::StrAppend(out, source, server, *source == '\0' ? "" : ")");
        });
    parts.servers = {kOwnResolver};
    ndots_added = std::none_of(
        parts.options.begin(), parts.options.end(),
        [](const std::string& o) { return absl::StartsWith(o, "ndots:"); });
    if (ndots_added) parts.options.push_back("ndots:0");
  }
  std::string text =
      "# Generated by Tug.\n"
      "# This file can be edited; Tug will not make further changes once it\n"
      "# has been modified.\n\n";
  for (const std::string& server : parts.servers) {
    absl::StrAppend(&text, "nameserver ", server, "\n");
  }
  if (!parts.search.empty()) {
    absl::StrAppend(&text, "search ", absl::StrJoin(parts.search, " "), "\n");
  }
  if (!parts.options.empty()) {
    absl::StrAppend(&text, "options ", absl::StrJoin(parts.options, " "), "\n");
  }
  for (const std::string& other : host.others) {
    absl::StrAppend(&text, other, "\n");
  }
  return text + Comments(host, parts, style, upstreams, ndots_added);
}

}  // namespace tug::netd
