// SPDX-License-Identifier: Apache-2.0
#include "services/netd/firewall/forward_policy.h"

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/netlink/socket.h"
#include "services/netd/firewall/legacy_forward_policy.h"

namespace tug::netd {
namespace {

constexpr size_t kReceiveBuffer = 32768;

// The words for a chain that drops forwarded packets, or empty.
std::string DropIn(const nlmsghdr* header, absl::string_view own_table) {
  const std::unique_ptr<nftnl_chain, decltype(&nftnl_chain_free)> chain(
      nftnl_chain_alloc(), nftnl_chain_free);
  if (nftnl_chain_nlmsg_parse(header, chain.get()) < 0) return "";
  if (!nftnl_chain_is_set(chain.get(), NFTNL_CHAIN_HOOKNUM)) return "";
  const uint32_t family = nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_FAMILY);
  const char* words = family == NFPROTO_IPV4   ? "ip"
                      : family == NFPROTO_IPV6 ? "ip6"
                      : family == NFPROTO_INET ? "inet"
                                               : nullptr;
  if (words == nullptr ||
      nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_HOOKNUM) !=
          NF_INET_FORWARD ||
      nftnl_chain_get_u32(chain.get(), NFTNL_CHAIN_POLICY) != NF_DROP ||
      nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_TABLE) == own_table) {
    return "";
  }
  return absl::StrCat(words, " ",
                      nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_TABLE), " ",
                      nftnl_chain_get_str(chain.get(), NFTNL_CHAIN_NAME));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> FindForwardDrops(
    absl::string_view own_table) {
  ASSIGN_OR_RETURN(const netlink::Socket socket,
                   netlink::Socket::Open(NETLINK_NETFILTER));
  const auto buffer = std::make_unique<char[]>(kReceiveBuffer);
  const nlmsghdr* const request = nftnl_nlmsg_build_hdr(
      buffer.get(), NFT_MSG_GETCHAIN, NFPROTO_UNSPEC, NLM_F_DUMP, 1);
  if (send(socket.fd(), request, request->nlmsg_len, 0) < 0) {
    return ErrnoStatus(errno, "list nftables chains");
  }
  std::vector<std::string> drops = FindLegacyForwardDrops();
  for (;;) {
    const ssize_t size = recv(socket.fd(), buffer.get(), kReceiveBuffer, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return ErrnoStatus(errno, "list nftables chains");
    int left = static_cast<int>(size);
    const auto* header = reinterpret_cast<const nlmsghdr*>(buffer.get());
    for (; mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left)) {
      if (header->nlmsg_type == NLMSG_DONE ||
          header->nlmsg_type == NLMSG_ERROR) {
        return drops;
      }
      std::string drop = DropIn(header, own_table);
      if (!drop.empty()) drops.push_back(std::move(drop));
    }
  }
}

}  // namespace tug::netd
