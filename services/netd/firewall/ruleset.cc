// SPDX-License-Identifier: Apache-2.0
#include "services/netd/firewall/ruleset.h"

#include <sys/socket.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace tug::netd {
namespace {

// %F is the family, %A its address type, %L its loopback, %T the table.
//
// published: what a published port means. A miss in a map goes on to the next
// rule.
// before_routing: a packet from outside that names a loopback address is not
// ours to translate; the kernel drops it, unless translation saves it. Ports of
// a network whose containers are kept apart are its own containers' business
// only by way of the relay: bridge ports are isolated.
// from_bridges: route_localnet is on for our bridges, so that clients on the
// host's loopback can be translated. It must not open the host's loopback to
// containers. The rule asks for no set: nobody who puts an older table in the
// place of ours opens it, and what comes from a bridge of the host's own has no
// right to these addresses either.
// forwarding: a bridge is reached by its own containers, by answers, and by
// what was translated for a published port; by nothing else. An internal one
// by its own containers only.
// after_routing: loopback clients and containers that use a published port of
// their own network need an answer by way of the host. Where bridged frames
// pass the IP firewall, such a packet has no incoming interface here; the
// host's own have a local source.
// strangers: only where this engine made the host forward, which is meant for
// its own bridges and makes the host nobody else's router. What forwarding has
// let through to or from a bridge passes here too.
constexpr char kFamilyCommands[] = R"(
add table %F %T
add set %F %T bridges { type ifname ; }
add set %F %T internal_bridges { type ifname ; }
add set %F %T talking_pairs { type ifname . ifname ; }
add set %F %T bridge_pairs { type ifname . ifname ; }
add set %F %T masquerade_from { type ifname ; }
add set %F %T quiet_bridges { type ifname ; }
add set %F %T routed_before { type ifname ; }
add map %F %T published_at { type inet_proto . %A . inet_service : %A . inet_service ; }
add map %F %T published_any { type inet_proto . inet_service : %A . inet_service ; }
add chain %F %T published
add chain %F %T from_bridges { type filter hook prerouting priority raw ; policy accept ; }
add chain %F %T before_routing { type nat hook prerouting priority dstnat ; policy accept ; }
add chain %F %T from_host { type nat hook output priority -100 ; policy accept ; }
add chain %F %T forwarding { type filter hook forward priority filter ; policy accept ; }
add chain %F %T after_routing { type nat hook postrouting priority srcnat ; policy accept ; }
flush chain %F %T published
flush chain %F %T from_bridges
flush chain %F %T before_routing
flush chain %F %T from_host
flush chain %F %T forwarding
flush chain %F %T after_routing
add rule %F %T published dnat %F to meta l4proto . %F daddr . th dport map @published_at
add rule %F %T published dnat %F to meta l4proto . th dport map @published_any
add rule %F %T from_bridges meta iifkind "bridge" %F daddr %L drop
add rule %F %T from_bridges meta iifkind "bridge" %F saddr %L drop
add rule %F %T before_routing %F daddr %L return
add rule %F %T before_routing iifname @quiet_bridges return
add rule %F %T before_routing fib daddr type local jump published
add rule %F %T forwarding iifname . oifname @talking_pairs accept
add rule %F %T forwarding oifname @internal_bridges drop
add rule %F %T forwarding iifname @internal_bridges drop
add rule %F %T forwarding oifname @bridges ct state established,related accept
add rule %F %T forwarding oifname @bridges ct status dnat accept
add rule %F %T forwarding oifname @bridges drop
add rule %F %T after_routing iifname . oifname @bridge_pairs ct status dnat masquerade
add rule %F %T after_routing iif 0 oifname @bridges ct status dnat fib saddr type unicast masquerade
add rule %F %T after_routing iifname . oifname @bridge_pairs return
add rule %F %T after_routing iifname @masquerade_from masquerade
)";

// The IPv6 loopback cannot be translated: the kernel drops what leaves it.
constexpr char kV4Only[] = R"(
add rule %F %T from_host fib daddr type local jump published
add rule %F %T after_routing oifname @bridges ip saddr 127.0.0.0/8 masquerade
)";
constexpr char kV6Only[] = R"(
add rule %F %T from_host ip6 daddr != ::1 fib daddr type local jump published
)";

// The policy is what drops, so that others who look for chains that cut off
// their packets find this one.
constexpr char kGuard[] = R"(
add chain %F %T strangers { type filter hook forward priority 10 ; policy drop ; }
flush chain %F %T strangers
add rule %F %T strangers iifname @bridges accept
add rule %F %T strangers oifname @bridges accept
add rule %F %T strangers iifname @routed_before accept
)";
// Made first, so that there is one to delete.
constexpr char kNoGuard[] = R"(
add chain %F %T strangers
flush chain %F %T strangers
delete chain %F %T strangers
)";

}  // namespace

std::string SetupCommands(absl::string_view table,
                          const ForwardGuards& guards) {
  const auto guard = [&](int family) {
    return guards.count(family) > 0 ? kGuard : kNoGuard;
  };
  const auto fill = [&](absl::string_view text, absl::string_view family,
                        absl::string_view address, absl::string_view loopback) {
    return absl::StrReplaceAll(
        text,
        {{"%F", family}, {"%T", table}, {"%A", address}, {"%L", loopback}});
  };
  return absl::StrCat(
      fill(kFamilyCommands, "ip", "ipv4_addr", "127.0.0.0/8"),
      fill(kV4Only, "ip", "", ""), fill(guard(AF_INET), "ip", "", ""),
      fill(kFamilyCommands, "ip6", "ipv6_addr", "::1"),
      fill(kV6Only, "ip6", "", ""), fill(guard(AF_INET6), "ip6", "", ""));
}

}  // namespace tug::netd
