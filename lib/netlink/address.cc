// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/address.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/netlink/attributes.h"

namespace tug::netlink {
namespace {

Message AddressMessage(uint16_t type, uint16_t flags, std::string what,
                       int link, const IpPrefix& prefix) {
  Message message(type, flags, std::move(what));
  auto* info = message.PutFamilyHeader<ifaddrmsg>();
  info->ifa_family = static_cast<uint8_t>(prefix.address.family());
  info->ifa_prefixlen = static_cast<uint8_t>(prefix.length);
  info->ifa_flags = prefix.address.is_v4() ? 0 : IFA_F_NODAD;
  info->ifa_index = static_cast<unsigned>(link);
  message.Put(IFA_LOCAL, prefix.address.bytes(), prefix.address.size());
  message.Put(IFA_ADDRESS, prefix.address.bytes(), prefix.address.size());
  return message;
}

std::optional<LinkAddress> ReadAddress(const nlmsghdr* header) {
  const auto* info =
      static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(header));
  if (info->ifa_family != AF_INET && info->ifa_family != AF_INET6) return {};
  const size_t size = info->ifa_family == AF_INET ? 4 : 16;
  const void* bytes = nullptr;
  ForEachAttribute(header, sizeof(*info), [&](const nlattr* attribute) {
    const int type = mnl_attr_get_type(attribute);
    // IFA_LOCAL is the interface's own; IPv6 has IFA_ADDRESS only.
    const bool better = type == IFA_LOCAL || (type == IFA_ADDRESS && !bytes);
    if (better && mnl_attr_get_payload_len(attribute) == size) {
      bytes = mnl_attr_get_payload(attribute);
    }
  });
  if (bytes == nullptr) return {};
  return LinkAddress{
      static_cast<int>(info->ifa_index),
      {IpAddress::FromBytes(info->ifa_family, bytes), info->ifa_prefixlen}};
}

}  // namespace

Message AddAddress(int link, const IpPrefix& prefix) {
  Message message = AddressMessage(
      RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL,
      absl::StrCat("add address ", prefix.ToString(), " to link ", link), link,
      prefix);
  if (prefix.address.is_v4() && prefix.length < 31) {
    const IpAddress broadcast = prefix.Last();
    message.Put(IFA_BROADCAST, broadcast.bytes(), broadcast.size());
  }
  return message;
}

Message DeleteAddress(int link, const IpPrefix& prefix) {
  return AddressMessage(
      RTM_DELADDR, 0,
      absl::StrCat("delete address ", prefix.ToString(), " of link ", link),
      link, prefix);
}

absl::StatusOr<std::vector<LinkAddress>> ListAddresses(Socket& socket) {
  Message message(RTM_GETADDR, NLM_F_DUMP, "list addresses");
  message.PutFamilyHeader<ifaddrmsg>()->ifa_family = AF_UNSPEC;
  std::vector<LinkAddress> addresses;
  RETURN_IF_ERROR(socket.Query(std::move(message), [&](const nlmsghdr* header) {
    if (header->nlmsg_type != RTM_NEWADDR) return;
    const std::optional<LinkAddress> address = ReadAddress(header);
    if (address.has_value()) addresses.push_back(*address);
  }));
  return addresses;
}

}  // namespace tug::netlink
