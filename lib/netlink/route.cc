// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/route.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/netlink/attributes.h"

namespace tug::netlink {
namespace {

rtmsg* PutRoute(Message& message, int family) {
  auto* route = message.PutFamilyHeader<rtmsg>();
  route->rtm_family = static_cast<uint8_t>(family);
  route->rtm_table = RT_TABLE_MAIN;
  route->rtm_protocol = RTPROT_BOOT;
  route->rtm_scope = RT_SCOPE_UNIVERSE;
  route->rtm_type = RTN_UNICAST;
  return route;
}

std::optional<Route> ReadRoute(const nlmsghdr* header) {
  const auto* info = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(header));
  if (info->rtm_family != AF_INET && info->rtm_family != AF_INET6) return {};
  if (info->rtm_type != RTN_UNICAST || info->rtm_table != RT_TABLE_MAIN) {
    return {};
  }
  constexpr uint8_t kZero[16] = {};
  Route route;
  route.destination = {IpAddress::FromBytes(info->rtm_family, kZero),
                       info->rtm_dst_len};
  ForEachAttribute(header, sizeof(*info), [&](const nlattr* attribute) {
    const int type = mnl_attr_get_type(attribute);
    if (type == RTA_DST && mnl_attr_get_payload_len(attribute) ==
                               route.destination.address.size()) {
      route.destination.address = IpAddress::FromBytes(
          info->rtm_family, mnl_attr_get_payload(attribute));
    }
    if (type == RTA_OIF) {
      route.link = static_cast<int>(mnl_attr_get_u32(attribute));
    }
  });
  return route;
}

}  // namespace

Message SetDefaultRoute(const IpAddress& gateway, int link) {
  Message message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE,
                  absl::StrCat("set default route via ", gateway.ToString()));
  PutRoute(message, gateway.family());
  message.Put(RTA_GATEWAY, gateway.bytes(), gateway.size());
  if (link != 0) message.PutU32(RTA_OIF, static_cast<uint32_t>(link));
  return message;
}

Message DeleteDefaultRoute(int family) {
  Message message(RTM_DELROUTE, 0, "delete default route");
  PutRoute(message, family);
  return message;
}

absl::StatusOr<std::vector<Route>> ListRoutes(Socket& socket) {
  Message message(RTM_GETROUTE, NLM_F_DUMP, "list routes");
  message.PutFamilyHeader<rtmsg>()->rtm_family = AF_UNSPEC;
  std::vector<Route> routes;
  RETURN_IF_ERROR(socket.Query(std::move(message), [&](const nlmsghdr* header) {
    if (header->nlmsg_type != RTM_NEWROUTE) return;
    const std::optional<Route> route = ReadRoute(header);
    if (route.has_value()) routes.push_back(*route);
  }));
  return routes;
}

}  // namespace tug::netlink
