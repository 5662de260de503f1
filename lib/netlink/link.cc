// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/link.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/netlink/attributes.h"

namespace tug::netlink {
namespace {

constexpr uint16_t kCreate = NLM_F_CREATE | NLM_F_EXCL;
// IN6_ADDR_GEN_MODE_NONE of linux/if_link.h, which clashes with net/if.h in
// some versions.
constexpr uint8_t kAddressGenerationNone = 1;

ifinfomsg* PutInfo(Message& message, int index) {
  auto* info = message.PutFamilyHeader<ifinfomsg>();
  info->ifi_family = AF_UNSPEC;
  info->ifi_index = index;
  return info;
}

// Without it every interface would get a link-local address of its own.
void PutNoAddressGeneration(Message& message) {
  nlattr* const families = message.BeginNested(IFLA_AF_SPEC);
  nlattr* const inet6 = message.BeginNested(AF_INET6);
  message.PutU8(IFLA_INET6_ADDR_GEN_MODE, kAddressGenerationNone);
  message.EndNested(inet6);
  message.EndNested(families);
}

Message CreateKind(absl::string_view name, absl::string_view kind) {
  Message message(RTM_NEWLINK, kCreate,
                  absl::StrCat("create ", kind, " '", name, "'"));
  PutInfo(message, 0);
  message.PutString(IFLA_IFNAME, name);
  return message;
}

void ReadKind(const nlattr* info, std::string& kind) {
  ForEachNested(info, [&](const nlattr* attribute) {
    if (mnl_attr_get_type(attribute) == IFLA_INFO_KIND) {
      kind = mnl_attr_get_str(attribute);
    }
  });
}

LinkInfo ReadLink(const nlmsghdr* header) {
  const auto* info =
      static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(header));
  LinkInfo link;
  link.index = info->ifi_index;
  link.up = (info->ifi_flags & IFF_UP) != 0;
  link.running = (info->ifi_flags & IFF_RUNNING) != 0;
  ForEachAttribute(header, sizeof(*info), [&](const nlattr* attribute) {
    switch (mnl_attr_get_type(attribute)) {
      case IFLA_IFNAME:
        link.name = mnl_attr_get_str(attribute);
        break;
      case IFLA_ADDRESS:
        if (mnl_attr_get_payload_len(attribute) == link.mac.size()) {
          std::memcpy(link.mac.data(), mnl_attr_get_payload(attribute),
                      link.mac.size());
        }
        break;
      case IFLA_MTU:
        link.mtu = mnl_attr_get_u32(attribute);
        break;
      case IFLA_MASTER:
        link.master = static_cast<int>(mnl_attr_get_u32(attribute));
        break;
      case IFLA_IFALIAS:
        link.alias.assign(
            static_cast<const char*>(mnl_attr_get_payload(attribute)),
            mnl_attr_get_payload_len(attribute));
        link.alias.resize(strnlen(link.alias.data(), link.alias.size()));
        break;
      case IFLA_LINKINFO:
        ReadKind(attribute, link.kind);
        break;
      default:
        break;
    }
  });
  return link;
}

}  // namespace

absl::StatusOr<MacAddress> ParseMac(absl::string_view text) {
  const auto bad = absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is not a MAC address"));
  if (text.size() != 17) return bad;
  MacAddress mac;
  for (size_t i = 0; i < mac.size(); ++i) {
    const absl::string_view pair = text.substr(i * 3, 2);
    if (!absl::ascii_isxdigit(pair[0]) || !absl::ascii_isxdigit(pair[1])) {
      return bad;
    }
    if (i > 0 && text[i * 3 - 1] != ':' && text[i * 3 - 1] != '-') return bad;
    mac[i] = static_cast<uint8_t>(absl::HexStringToBytes(pair)[0]);
  }
  if ((mac[0] & 1) != 0) return bad;
  return mac;
}

std::string ToString(const MacAddress& mac) {
  return absl::StrFormat("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1],
                         mac[2], mac[3], mac[4], mac[5]);
}

MacAddress RandomMac() {
  MacAddress mac;
  const std::string bytes = RandomBytes(mac.size());
  std::memcpy(mac.data(), bytes.data(), mac.size());
  mac[0] = static_cast<uint8_t>((mac[0] & 0xfc) | 0x02);
  return mac;
}

bool IsLinkName(absl::string_view name) {
  if (name.empty() || name.size() > kMaxLinkName) return false;
  if (name == "." || name == "..") return false;
  for (const char c : name) {
    if (!absl::ascii_isgraph(c) || c == '/' || c == ':' || c == '%') {
      return false;
    }
  }
  return true;
}

Message CreateBridge(absl::string_view name, const MacAddress& mac,
                     uint32_t mtu) {
  Message message = CreateKind(name, "bridge");
  message.Put(IFLA_ADDRESS, mac.data(), mac.size());
  message.PutU32(IFLA_MTU, mtu);
  nlattr* const info = message.BeginNested(IFLA_LINKINFO);
  message.PutString(IFLA_INFO_KIND, "bridge");
  message.EndNested(info);
  return message;
}

Message CreateDummy(absl::string_view name) {
  Message message = CreateKind(name, "dummy");
  nlattr* const info = message.BeginNested(IFLA_LINKINFO);
  message.PutString(IFLA_INFO_KIND, "dummy");
  message.EndNested(info);
  return message;
}

Message CreateVeth(const VethSpec& spec) {
  Message message(RTM_NEWLINK, kCreate,
                  absl::StrCat("create veth '", spec.name, "'"));
  PutInfo(message, 0);
  message.PutString(IFLA_IFNAME, spec.name);
  message.PutU32(IFLA_MTU, spec.mtu);
  if (spec.master != 0) {
    message.PutU32(IFLA_MASTER, static_cast<uint32_t>(spec.master));
  }
  nlattr* const info = message.BeginNested(IFLA_LINKINFO);
  message.PutString(IFLA_INFO_KIND, "veth");
  nlattr* const data = message.BeginNested(IFLA_INFO_DATA);
  nlattr* const peer = message.BeginNested(VETH_INFO_PEER);
  message.PutRaw(sizeof(ifinfomsg));
  message.PutString(IFLA_IFNAME, spec.peer_name);
  message.PutU32(IFLA_MTU, spec.mtu);
  message.Put(IFLA_ADDRESS, spec.peer_mac.data(), spec.peer_mac.size());
  if (spec.peer_namespace_fd >= 0) {
    message.PutU32(IFLA_NET_NS_FD,
                   static_cast<uint32_t>(spec.peer_namespace_fd));
  }
  message.EndNested(peer);
  message.EndNested(data);
  message.EndNested(info);
  return message;
}

namespace {

void PutChange(Message& message, int index, const LinkChange& change) {
  ifinfomsg* const info = PutInfo(message, index);
  if (change.up.has_value()) {
    info->ifi_flags = *change.up ? IFF_UP : 0;
    info->ifi_change = IFF_UP;
  }
  if (change.name.has_value()) message.PutString(IFLA_IFNAME, *change.name);
  if (change.mtu.has_value()) message.PutU32(IFLA_MTU, *change.mtu);
  if (change.mac.has_value()) {
    message.Put(IFLA_ADDRESS, change.mac->data(), change.mac->size());
  }
  if (change.master.has_value()) {
    message.PutU32(IFLA_MASTER, static_cast<uint32_t>(*change.master));
  }
  if (change.namespace_fd.has_value()) {
    message.PutU32(IFLA_NET_NS_FD, static_cast<uint32_t>(*change.namespace_fd));
  }
  if (change.alias.has_value()) {
    message.Put(IFLA_IFALIAS, change.alias->data(), change.alias->size());
  }
  if (change.no_address_generation) PutNoAddressGeneration(message);
}

}  // namespace

Message ChangeLink(int index, const LinkChange& change) {
  Message message(RTM_NEWLINK, 0, absl::StrCat("change link ", index));
  PutChange(message, index, change);
  return message;
}

Message ChangeLink(absl::string_view name, const LinkChange& change) {
  Message message(RTM_NEWLINK, 0, absl::StrCat("change link '", name, "'"));
  PutChange(message, 0, change);
  message.PutString(IFLA_IFNAME, name);
  return message;
}

Message ChangeBridgePort(int index, const BridgePortChange& change) {
  Message message(RTM_SETLINK, 0,
                  absl::StrCat("set bridge port options of link ", index));
  auto* info = message.PutFamilyHeader<ifinfomsg>();
  info->ifi_family = AF_BRIDGE;
  info->ifi_index = index;
  nlattr* const port = message.BeginNested(IFLA_PROTINFO | NLA_F_NESTED);
  message.PutU8(IFLA_BRPORT_ISOLATED, change.isolated ? 1 : 0);
  message.PutU8(IFLA_BRPORT_MODE, change.hairpin ? 1 : 0);
  message.EndNested(port);
  return message;
}

Message DeleteLink(int index) {
  Message message(RTM_DELLINK, 0, absl::StrCat("delete link ", index));
  PutInfo(message, index);
  return message;
}

Message DeleteLink(absl::string_view name) {
  Message message(RTM_DELLINK, 0, absl::StrCat("delete link '", name, "'"));
  PutInfo(message, 0);
  message.PutString(IFLA_IFNAME, name);
  return message;
}

namespace {

// How often the kernel is asked whether a link runs.
constexpr absl::Duration kCarrierPause = absl::Microseconds(200);

absl::StatusOr<LinkInfo> QueryLink(Socket& socket, Message message) {
  LinkInfo link;
  absl::Status status =
      socket.Query(std::move(message), [&](const nlmsghdr* header) {
        if (header->nlmsg_type == RTM_NEWLINK) link = ReadLink(header);
      });
  if (StatusErrno(status) == ENODEV) {
    return absl::NotFoundError(std::string(status.message()));
  }
  RETURN_IF_ERROR(status);
  return link;
}

}  // namespace

absl::StatusOr<LinkInfo> FindLink(Socket& socket, absl::string_view name) {
  if (!IsLinkName(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", name, "' is not the name of an interface"));
  }
  Message message(RTM_GETLINK, 0, absl::StrCat("find link '", name, "'"));
  PutInfo(message, 0);
  message.PutString(IFLA_IFNAME, name);
  return QueryLink(socket, std::move(message));
}

absl::StatusOr<LinkInfo> FindLink(Socket& socket, int index) {
  Message message(RTM_GETLINK, 0, absl::StrCat("find link ", index));
  PutInfo(message, index);
  return QueryLink(socket, std::move(message));
}

absl::Status AwaitRunning(Socket& socket, int index) {
  const absl::Time deadline = absl::Now() + kCarrierPatience;
  for (;;) {
    // Newer kernels do the pending work when they are asked.
    ASSIGN_OR_RETURN(const LinkInfo link, FindLink(socket, index));
    if (link.running) return absl::OkStatus();
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("link '", link.name, "' gets no carrier"));
    }
    absl::SleepFor(kCarrierPause);
  }
}

absl::StatusOr<std::vector<LinkInfo>> ListLinks(Socket& socket) {
  Message message(RTM_GETLINK, NLM_F_DUMP, "list links");
  PutInfo(message, 0);
  std::vector<LinkInfo> links;
  RETURN_IF_ERROR(socket.Query(std::move(message), [&](const nlmsghdr* header) {
    if (header->nlmsg_type == RTM_NEWLINK) {
      links.push_back(ReadLink(header));
    }
  }));
  return links;
}

}  // namespace tug::netlink
