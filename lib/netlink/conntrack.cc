// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/conntrack.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>

#include <string>
#include <utility>
#include <vector>

#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/netlink/attributes.h"

namespace tug::netlink {
namespace {

constexpr uint16_t Type(int message) {
  return static_cast<uint16_t>((NFNL_SUBSYS_CTNETLINK << 8) | message);
}

// A flow's original direction, as the kernel wrote it.
struct Flow {
  uint8_t family = 0;
  std::string tuple;
};

bool IsWantedProtocol(const nlattr* protocol, const std::set<uint16_t>& ports) {
  bool is_udp = false;
  bool is_wanted = false;
  ForEachNested(protocol, [&](const nlattr* part) {
    const int type = mnl_attr_get_type(part);
    if (type == CTA_PROTO_NUM && mnl_attr_get_payload_len(part) >= 1) {
      is_udp = mnl_attr_get_u8(part) == IPPROTO_UDP;
    }
    if (type == CTA_PROTO_DST_PORT && mnl_attr_get_payload_len(part) >= 2) {
      is_wanted = ports.count(ntohs(mnl_attr_get_u16(part))) > 0;
    }
  });
  return is_udp && is_wanted;
}

void AddFlow(const nlmsghdr* header, const std::set<uint16_t>& ports,
             std::vector<Flow>& flows) {
  const auto* family =
      static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(header));
  ForEachAttribute(header, sizeof(*family), [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) != CTA_TUPLE_ORIG) return;
    bool wanted = false;
    ForEachNested(attribute, [&](const nlattr* part) {
      if (mnl_attr_get_type(part) == CTA_TUPLE_PROTO) {
        wanted = IsWantedProtocol(part, ports);
      }
    });
    if (!wanted) return;
    flows.push_back(
        {family->nfgen_family,
         std::string(static_cast<const char*>(mnl_attr_get_payload(attribute)),
                     mnl_attr_get_payload_len(attribute))});
  });
}

}  // namespace

absl::Status DeleteUdpFlows(Socket& socket, const std::set<uint16_t>& ports) {
  std::vector<Flow> flows;
  for (const int family : {AF_INET, AF_INET6}) {
    Message list(Type(IPCTNL_MSG_CT_GET), NLM_F_DUMP, "list tracked flows");
    list.PutFamilyHeader<nfgenmsg>()->nfgen_family =
        static_cast<uint8_t>(family);
    RETURN_IF_ERROR(socket.Query(std::move(list), [&](const nlmsghdr* header) {
      AddFlow(header, ports, flows);
    }));
  }
  for (const Flow& flow : flows) {
    Message forget(Type(IPCTNL_MSG_CT_DELETE), 0, "forget a UDP flow");
    forget.PutFamilyHeader<nfgenmsg>()->nfgen_family = flow.family;
    forget.Put(CTA_TUPLE_ORIG | NLA_F_NESTED, flow.tuple.data(),
               flow.tuple.size());
    const absl::Status forgotten = socket.Exchange(std::move(forget));
    // It may have ended by itself.
    if (!forgotten.ok() && !absl::IsNotFound(forgotten)) return forgotten;
  }
  return absl::OkStatus();
}

}  // namespace tug::netlink
