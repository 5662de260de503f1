// SPDX-License-Identifier: Apache-2.0
#include "services/netd/firewall/container_dns_rules.h"

#include <arpa/inet.h>
#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <netinet/in.h>

#include <memory>

#include "services/netd/firewall/nft_batch.h"

namespace tug::netd {
namespace {

constexpr char kTable[] = "tug-dns";
constexpr char kChain[] = "output";
constexpr uint16_t kDnsPort = 53;
// Offsets in the headers (RFC 791, 768, 9293).
constexpr uint32_t kSourceAddress = 12;
constexpr uint32_t kDestinationAddress = 16;
constexpr uint32_t kSourcePort = 0;
constexpr uint32_t kDestinationPort = 2;
constexpr uint32_t kUdpChecksum = 6;
constexpr uint32_t kTcpChecksum = 16;

using RulePointer = std::unique_ptr<nftnl_rule, decltype(&nftnl_rule_free)>;

void AddLoad(nftnl_rule* rule, uint32_t base, uint32_t offset, uint32_t size) {
  nftnl_expr* const load = nftnl_expr_alloc("payload");
  nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_BASE, base);
  nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
  nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_LEN, size);
  nftnl_expr_set_u32(load, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
  nftnl_rule_add_expr(rule, load);
}

void AddCompare(nftnl_rule* rule, const void* bytes, uint32_t size) {
  nftnl_expr* const compare = nftnl_expr_alloc("cmp");
  nftnl_expr_set_u32(compare, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
  nftnl_expr_set_u32(compare, NFTNL_EXPR_CMP_OP, NFT_CMP_EQ);
  nftnl_expr_set(compare, NFTNL_EXPR_CMP_DATA, bytes, size);
  nftnl_rule_add_expr(rule, compare);
}

void AddProtocol(nftnl_rule* rule, uint8_t protocol) {
  nftnl_expr* const load = nftnl_expr_alloc("meta");
  nftnl_expr_set_u32(load, NFTNL_EXPR_META_KEY, NFT_META_L4PROTO);
  nftnl_expr_set_u32(load, NFTNL_EXPR_META_DREG, NFT_REG_1);
  nftnl_rule_add_expr(rule, load);
  AddCompare(rule, &protocol, sizeof(protocol));
}

void AddWrite(nftnl_rule* rule, uint32_t offset, uint16_t port,
              uint32_t checksum) {
  const uint16_t wire = htons(port);
  nftnl_expr* const value = nftnl_expr_alloc("immediate");
  nftnl_expr_set_u32(value, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
  nftnl_expr_set(value, NFTNL_EXPR_IMM_DATA, &wire, sizeof(wire));
  nftnl_rule_add_expr(rule, value);
  nftnl_expr* const write = nftnl_expr_alloc("payload");
  nftnl_expr_set_u32(write, NFTNL_EXPR_PAYLOAD_SREG, NFT_REG_1);
  nftnl_expr_set_u32(write, NFTNL_EXPR_PAYLOAD_BASE,
                     NFT_PAYLOAD_TRANSPORT_HEADER);
  nftnl_expr_set_u32(write, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
  nftnl_expr_set_u32(write, NFTNL_EXPR_PAYLOAD_LEN, sizeof(wire));
  nftnl_expr_set_u32(write, NFTNL_EXPR_PAYLOAD_CSUM_TYPE,
                     NFT_PAYLOAD_CSUM_INET);
  nftnl_expr_set_u32(write, NFTNL_EXPR_PAYLOAD_CSUM_OFFSET, checksum);
  nftnl_rule_add_expr(rule, write);
}

// "address at `address_offset` is 127.0.0.11 and port at `port_offset` is
// `from`: make the port `to`".
struct Rewrite {
  uint8_t protocol;
  uint32_t address_offset;
  uint32_t port_offset;
  uint16_t from;
  uint16_t to;
  uint32_t checksum;
};

RulePointer MakeRule(const Rewrite& rewrite) {
  RulePointer rule(nftnl_rule_alloc(), nftnl_rule_free);
  nftnl_rule_set_str(rule.get(), NFTNL_RULE_TABLE, kTable);
  nftnl_rule_set_str(rule.get(), NFTNL_RULE_CHAIN, kChain);
  nftnl_rule_set_u32(rule.get(), NFTNL_RULE_FAMILY, NFPROTO_IPV4);
  constexpr uint8_t kResolver[] = {127, 0, 0, 11};
  AddLoad(rule.get(), NFT_PAYLOAD_NETWORK_HEADER, rewrite.address_offset, 4);
  AddCompare(rule.get(), kResolver, sizeof(kResolver));
  AddProtocol(rule.get(), rewrite.protocol);
  const uint16_t from = htons(rewrite.from);
  AddLoad(rule.get(), NFT_PAYLOAD_TRANSPORT_HEADER, rewrite.port_offset, 2);
  AddCompare(rule.get(), &from, sizeof(from));
  AddWrite(rule.get(), rewrite.port_offset, rewrite.to, rewrite.checksum);
  return rule;
}

void AddTable(NftBatch& batch, uint16_t type, uint16_t flags) {
  batch.Add(
      type, NFPROTO_IPV4, flags, "make the table of the resolver",
      [](nlmsghdr* header) {
        const std::unique_ptr<nftnl_table, decltype(&nftnl_table_free)> table(
            nftnl_table_alloc(), nftnl_table_free);
        nftnl_table_set_str(table.get(), NFTNL_TABLE_NAME, kTable);
        nftnl_table_nlmsg_build_payload(header, table.get());
      });
}

void AddChain(NftBatch& batch) {
  batch.Add(
      NFT_MSG_NEWCHAIN, NFPROTO_IPV4, NLM_F_CREATE,
      "make the chain of the resolver", [](nlmsghdr* header) {
        const std::unique_ptr<nftnl_chain, decltype(&nftnl_chain_free)> chain(
            nftnl_chain_alloc(), nftnl_chain_free);
        nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TABLE, kTable);
        nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_NAME, kChain);
        nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TYPE, "filter");
        nftnl_chain_set_u32(chain.get(), NFTNL_CHAIN_HOOKNUM,
                            NF_INET_LOCAL_OUT);
        nftnl_chain_set_s32(chain.get(), NFTNL_CHAIN_PRIO, -150);
        nftnl_chain_set_u32(chain.get(), NFTNL_CHAIN_POLICY, NF_ACCEPT);
        nftnl_chain_nlmsg_build_payload(header, chain.get());
      });
}

}  // namespace

absl::Status RedirectContainerDns(int fd, uint16_t udp_port, uint16_t tcp_port,
                                  bool replace) {
  NftBatch batch;
  AddTable(batch, NFT_MSG_NEWTABLE, NLM_F_CREATE);
  if (replace) {
    // Made first, so that there is one to delete.
    AddTable(batch, NFT_MSG_DELTABLE, 0);
    AddTable(batch, NFT_MSG_NEWTABLE, NLM_F_CREATE);
  }
  AddChain(batch);
  for (const Rewrite& rewrite : {
           Rewrite{IPPROTO_UDP, kDestinationAddress, kDestinationPort, kDnsPort,
                   udp_port, kUdpChecksum},
           Rewrite{IPPROTO_UDP, kSourceAddress, kSourcePort, udp_port, kDnsPort,
                   kUdpChecksum},
           Rewrite{IPPROTO_TCP, kDestinationAddress, kDestinationPort, kDnsPort,
                   tcp_port, kTcpChecksum},
           Rewrite{IPPROTO_TCP, kSourceAddress, kSourcePort, tcp_port, kDnsPort,
                   kTcpChecksum},
       }) {
    batch.Add(NFT_MSG_NEWRULE, NFPROTO_IPV4, NLM_F_CREATE | NLM_F_APPEND,
              "make a rule of the resolver", [&](nlmsghdr* header) {
                nftnl_rule_nlmsg_build_payload(header, MakeRule(rewrite).get());
              });
  }
  return batch.Commit(fd);
}

}  // namespace tug::netd
