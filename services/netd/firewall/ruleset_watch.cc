// SPDX-License-Identifier: Apache-2.0
#include "services/netd/firewall/ruleset_watch.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/memory/memory.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::netd {
namespace {

constexpr size_t kReceiveBuffer = 32768;
constexpr int kTableDeleted = (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_DELTABLE;

bool IsLossOf(const nlmsghdr* header, const std::string& table) {
  if (header->nlmsg_type != kTableDeleted) return false;
  const auto* const end =
      static_cast<const char*>(mnl_nlmsg_get_payload_tail(header));
  const auto* at = static_cast<const nlattr*>(
      mnl_nlmsg_get_payload_offset(header, sizeof(nfgenmsg)));
  const auto left = [&] {
    return static_cast<int>(end - reinterpret_cast<const char*>(at));
  };
  for (; mnl_attr_ok(at, left()); at = mnl_attr_next(at)) {
    if (mnl_attr_get_type(at) == NFTA_TABLE_NAME &&
        mnl_attr_validate(at, MNL_TYPE_NUL_STRING) >= 0) {
      return table == mnl_attr_get_str(at);
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RulesetWatch>> RulesetWatch::Start(
    std::string table, std::function<bool()> on_loss) {
  ASSIGN_OR_RETURN(netlink::Socket socket,
                   netlink::Socket::Open(NETLINK_NETFILTER));
  const int group = NFNLGRP_NFTABLES;
  // A socket without an address hears nothing.
  sockaddr_nl any = {};
  any.nl_family = AF_NETLINK;
  if (bind(socket.fd(), reinterpret_cast<sockaddr*>(&any), sizeof(any)) != 0 ||
      setsockopt(socket.fd(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
                 sizeof(group)) != 0) {
    return ErrnoStatus(errno, "watch nftables");
  }
  UniqueFd stop(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop) return ErrnoStatus(errno, "watch nftables: eventfd");
  return absl::WrapUnique(new RulesetWatch(std::move(socket), std::move(stop),
                                           std::move(table),
                                           std::move(on_loss)));
}

RulesetWatch::RulesetWatch(netlink::Socket socket, UniqueFd stop,
                           std::string table, std::function<bool()> on_loss)
    : socket_(std::move(socket)),
      stop_(std::move(stop)),
      table_(std::move(table)),
      on_loss_(std::move(on_loss)),
      thread_([this] { Run(); }) {}

RulesetWatch::~RulesetWatch() {
  const uint64_t one = 1;
  (void)!write(stop_.get(), &one, sizeof(one));
  thread_.join();
}

bool RulesetWatch::ReadLoss() {
  const auto buffer = std::make_unique<char[]>(kReceiveBuffer);
  bool lost = false;
  for (;;) {
    const ssize_t size =
        recv(socket_.fd(), buffer.get(), kReceiveBuffer, MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == ENOBUFS) {
      lost = true;
      continue;
    }
    if (size < 0) return lost;
    int left = static_cast<int>(size);
    const auto* header = reinterpret_cast<const nlmsghdr*>(buffer.get());
    for (; mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left)) {
      lost = lost || IsLossOf(header, table_);
    }
  }
}

void RulesetWatch::Run() {
  pollfd ready[] = {{socket_.fd(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
  bool is_lost = false;
  for (;;) {
    ready[0].revents = ready[1].revents = 0;
    if (poll(ready, 2, is_lost ? kRetryMs : -1) < 0) continue;
    if (ready[1].revents != 0) return;
    if (ready[0].revents != 0) is_lost = ReadLoss() || is_lost;
    if (is_lost) is_lost = !on_loss_();
  }
}

}  // namespace tug::netd
