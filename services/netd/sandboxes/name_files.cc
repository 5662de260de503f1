// SPDX-License-Identifier: Apache-2.0
#include "services/netd/sandboxes/name_files.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/file.h"
#include "services/netd/hosts/hosts_file.h"
#include "services/netd/networks/ipam_settings.h"
#include "services/netd/networks/predefined.h"

namespace tug::netd {
namespace {

using network::v1::Sandbox;

constexpr char kHostHosts[] = "/etc/hosts";
constexpr char kHostGateway[] = "host-gateway";
constexpr size_t kMaxHostHosts = 1024 * 1024;
constexpr size_t kMaxExtraHosts = 4096;

bool HostHasIpv6() { return access("/proc/net/if_inet6", F_OK) == 0; }

// Names and address of "name:address" or "name=address"; the address may be
// in brackets.
std::pair<std::string, std::string> SplitExtraHost(absl::string_view text) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(text, absl::MaxSplits(absl::ByAnyChar(":="), 1));
  std::string address = parts.second;
  if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
    address = address.substr(1, address.size() - 2);
  }
  return {parts.first, address};
}

bool IsHostName(absl::string_view name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isgraph(c) && c != '#';
         });
}

// What stands for the host: the default bridge's gateways.
std::vector<std::string> HostGateways(const NetworkCatalog& networks) {
  std::vector<std::string> addresses;
  const auto bridge = networks.Find(kDefaultBridge);
  if (!bridge.ok()) return addresses;
  for (const int family : {AF_INET, AF_INET6}) {
    const auto gateway = GatewayOf(*bridge, family);
    if (gateway.has_value()) addresses.push_back(gateway->address.ToString());
  }
  return addresses;
}

void AddExtraHosts(const SandboxOwner& owner, const Sandbox& sandbox,
                   std::vector<HostsLine>& lines) {
  for (const std::string& extra : sandbox.extra_hosts()) {
    const auto [name, address] = SplitExtraHost(extra);
    if (address != kHostGateway) {
      lines.push_back({address, name});
      continue;
    }
    for (const std::string& gateway : HostGateways(owner.networks)) {
      lines.push_back({gateway, name});
    }
  }
}

void AddEndpoints(const Sandbox& sandbox, const LiveSandbox& live,
                  std::vector<HostsLine>& lines) {
  std::string names = sandbox.hostname().empty()
                          ? std::string(ShortId(sandbox.lease()))
                          : sandbox.hostname();
  if (!sandbox.domainname().empty()) {
    names = absl::StrCat(names, ".", sandbox.domainname(), " ", names);
  }
  for (const LiveEndpoint& endpoint : live.endpoints) {
    for (const auto& prefix : {endpoint.v4, endpoint.v6}) {
      if (prefix.has_value()) {
        lines.push_back({prefix->address.ToString(), names});
      }
    }
  }
}

void AddLinks(const SandboxOwner& owner, const Sandbox& sandbox,
              std::vector<HostsLine>& lines) {
  for (const auto& link : sandbox.links()) {
    const auto other = owner.catalog.Find(link.lease());
    if (!other.ok()) continue;
    for (const auto& endpoint : other->endpoints()) {
      if (endpoint.network_name() != kDefaultBridge ||
          endpoint.ip_address().empty()) {
        continue;
      }
      std::string names = link.alias();
      for (const std::string& more : {other->hostname(), other->name()}) {
        if (!more.empty() && more != link.alias()) {
          absl::StrAppend(&names, " ", more);
        }
      }
      lines.push_back({endpoint.ip_address(), names});
    }
  }
}

absl::StatusOr<std::string> ReadHostHosts() {
  const UniqueFd fd(open(kHostHosts, O_RDONLY | O_CLOEXEC));
  if (!fd) return RenderHosts(HostHasIpv6(), {});
  std::string text(kMaxHostHosts, '\0');
  const long size = sys::ReadUpTo(fd.get(), text.data(), text.size());
  if (size < 0) {
    return ErrnoStatus(static_cast<int>(size),
                       absl::StrCat("read ", kHostHosts));
  }
  text.resize(static_cast<size_t>(size));
  return text;
}

}  // namespace

absl::Status CheckExtraHosts(const Sandbox& sandbox) {
  const auto invalid = [](absl::string_view why) {
    return WithReason(absl::InvalidArgumentError(why), "ENDPOINT_INVALID");
  };
  if (static_cast<size_t>(sandbox.extra_hosts_size()) > kMaxExtraHosts) {
    return invalid(absl::StrCat("more than ", kMaxExtraHosts, " extra hosts"));
  }
  for (const std::string& extra : sandbox.extra_hosts()) {
    const auto [name, address] = SplitExtraHost(extra);
    if (!IsHostName(name)) {
      return invalid(absl::StrCat("bad format for add-host: \"", extra, "\""));
    }
    if (address != kHostGateway && !netlink::IpAddress::Parse(address).ok()) {
      return invalid(
          absl::StrCat("invalid IP address in add-host: \"", address, "\""));
    }
  }
  return absl::OkStatus();
}

absl::Status WriteHostsFile(SandboxOwner& owner, const Sandbox& sandbox,
                            const LiveSandbox& live,
                            ContainerFiles::Edits edits) {
  if (sandbox.mode() == Sandbox::HOST && sandbox.extra_hosts_size() == 0) {
    ASSIGN_OR_RETURN(const std::string text, ReadHostHosts());
    return owner.files.WriteHosts(sandbox.lease(), text, edits);
  }
  std::vector<HostsLine> lines;
  AddExtraHosts(owner, sandbox, lines);
  AddEndpoints(sandbox, live, lines);
  AddLinks(owner, sandbox, lines);
  return owner.files.WriteHosts(sandbox.lease(),
                                RenderHosts(HostHasIpv6(), lines), edits);
}

ResolvOverrides OverridesOf(const Sandbox& sandbox) {
  const auto read = [](bool given, const type::v1::StringList& list)
      -> std::optional<std::vector<std::string>> {
    if (!given || list.values_size() == 0) return std::nullopt;
    return std::vector<std::string>(list.values().begin(), list.values().end());
  };
  const auto& dns = sandbox.dns();
  return {read(dns.has_servers(), dns.servers()),
          read(dns.has_search(), dns.search()),
          read(dns.has_options(), dns.options())};
}

bool NeedsResolver(const LiveSandbox& live) {
  return std::any_of(
      live.endpoints.begin(), live.endpoints.end(),
      [](const LiveEndpoint& e) { return IsUserDefined(e.network); });
}

absl::Status WriteResolvConfFile(SandboxOwner& owner, const Sandbox& sandbox,
                                 const LiveSandbox& live,
                                 ContainerFiles::Edits edits) {
  ResolvStyle style = ResolvStyle::kLegacy;
  if (sandbox.mode() == Sandbox::HOST) style = ResolvStyle::kHost;
  if (NeedsResolver(live)) style = ResolvStyle::kInternal;
  const bool ipv6 =
      std::any_of(live.endpoints.begin(), live.endpoints.end(),
                  [](const LiveEndpoint& e) { return e.v6.has_value(); });
  return owner.files.WriteResolvConf(
      sandbox.lease(),
      RenderResolvConf(ReadHostResolvConf(), OverridesOf(sandbox), style, ipv6),
      edits);
}

}  // namespace tug::netd
