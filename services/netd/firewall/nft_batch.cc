// SPDX-License-Identifier: Apache-2.0
#include "services/netd/firewall/nft_batch.h"

#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/check.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::netd {
namespace {

constexpr size_t kReceiveBuffer = 32768;

}  // namespace

NftBatch::NftBatch() {
  std::string block(kMaxMessage, '\0');
  what_.push_back("begin nftables transaction");
  const nlmsghdr* const header =
      nftnl_batch_begin(block.data(), static_cast<uint32_t>(what_.size()));
  buffer_.append(block.data(), header->nlmsg_len);
}

void NftBatch::Add(uint16_t type, int family, uint16_t flags, std::string what,
                   absl::FunctionRef<void(nlmsghdr*)> fill) {
  what_.push_back(std::move(what));
  std::string block(kMaxMessage, '\0');
  nlmsghdr* const header = nftnl_nlmsg_build_hdr(
      block.data(), type, static_cast<uint16_t>(family), flags | NLM_F_ACK,
      static_cast<uint32_t>(what_.size()));
  fill(header);
  CHECK(header->nlmsg_len <= kMaxMessage);
  buffer_.append(block.data(), header->nlmsg_len);
}

absl::Status NftBatch::Send(int fd) const {
  // Above the default limit of a socket when ranges of ports are published.
  const int room = static_cast<int>(buffer_.size() * 2 + kMaxMessage);
  if (room > 200 * 1024) {
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
  }
  sockaddr_nl kernel = {};
  kernel.nl_family = AF_NETLINK;
  const auto* address = reinterpret_cast<const sockaddr*>(&kernel);
  while (sendto(fd, buffer_.data(), buffer_.size(), 0, address,
                sizeof(kernel)) < 0) {
    if (errno != EINTR) return ErrnoStatus(errno, "send nftables transaction");
  }
  return absl::OkStatus();
}

absl::Status NftBatch::ReadAnswers(int fd) const {
  const auto buffer = std::make_unique<char[]>(kReceiveBuffer);
  // Every message but begin and end asks for an answer; a failed transaction
  // may answer to those two as well, or to fewer than all.
  size_t expected = what_.size() - 2;
  absl::Status result;
  while (expected > 0) {
    const ssize_t size = recv(fd, buffer.get(), kReceiveBuffer, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return ErrnoStatus(errno, "answer to nftables transaction");
    int left = static_cast<int>(size);
    const auto* header = reinterpret_cast<const nlmsghdr*>(buffer.get());
    for (; mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left)) {
      if (header->nlmsg_type != NLMSG_ERROR || header->nlmsg_seq == 0 ||
          header->nlmsg_seq > what_.size()) {
        continue;
      }
      const auto* error =
          static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(header));
      if (error->error != 0) {
        // The rest of the answers would tell of the same transaction.
        return ErrnoStatus(error->error, what_[header->nlmsg_seq - 1]);
      }
      if (expected > 0) --expected;
    }
  }
  return result;
}

absl::Status NftBatch::Commit(int fd) {
  if (what_.size() == 1) return absl::OkStatus();
  if (buffer_.size() > kMaxBatch) {
    return absl::ResourceExhaustedError("nftables transaction is too large");
  }
  std::string block(kMaxMessage, '\0');
  what_.push_back("commit nftables transaction");
  const nlmsghdr* const header =
      nftnl_batch_end(block.data(), static_cast<uint32_t>(what_.size()));
  buffer_.append(block.data(), header->nlmsg_len);
  RETURN_IF_ERROR(Send(fd));
  return ReadAnswers(fd);
}

}  // namespace tug::netd
