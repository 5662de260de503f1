// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/neighbour.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "absl/strings/str_cat.h"

namespace tug::netlink {

Message SetNeighbour(int link, const IpAddress& address,
                     const MacAddress& mac) {
  Message message(
      RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE,
      absl::StrCat("set neighbour ", address.ToString(), " on link ", link));
  auto* info = message.PutFamilyHeader<ndmsg>();
  info->ndm_family = static_cast<uint8_t>(address.family());
  info->ndm_ifindex = link;
  info->ndm_state = NUD_REACHABLE;
  message.Put(NDA_DST, address.bytes(), address.size());
  message.Put(NDA_LLADDR, mac.data(), mac.size());
  return message;
}

Message DeleteNeighbour(int link, const IpAddress& address) {
  Message message(
      RTM_DELNEIGH, 0,
      absl::StrCat("delete neighbour ", address.ToString(), " on link ", link));
  auto* info = message.PutFamilyHeader<ndmsg>();
  info->ndm_family = static_cast<uint8_t>(address.family());
  info->ndm_ifindex = link;
  message.Put(NDA_DST, address.bytes(), address.size());
  return message;
}

}  // namespace tug::netlink
