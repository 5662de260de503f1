// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/rpc_connections.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "lib/base/fair_share.h"
#include "lib/sys/unique_fd.h"

namespace tug::rpc {
namespace {

// 0 if `socket` is no socket.
ino_t InodeOf(int socket) {
  struct stat found = {};
  if (fstat(socket, &found) != 0 || !S_ISSOCK(found.st_mode)) return 0;
  return found.st_ino;
}

}  // namespace

bool RpcConnections::Admit(int socket, uid_t uid) {
  if (connections_.size() >= limit_) ForgetClosed();
  if (connections_.size() >= limit_ && !BreakOne(uid)) return false;
  connections_.push_back({socket, InodeOf(socket), uid});
  return true;
}

void RpcConnections::ForgetClosed() {
  connections_.erase(std::remove_if(connections_.begin(), connections_.end(),
                                    [](const Connection& one) {
                                      return InodeOf(one.number) != one.inode;
                                    }),
                     connections_.end());
}

bool RpcConnections::BreakOne(uid_t uid) {
  std::vector<PlaceHolder> places;
  // Nobody knows which of them work; the youngest counts as having waited
  // longest.
  auto since = static_cast<int64_t>(connections_.size());
  for (const Connection& one : connections_) {
    places.push_back({static_cast<int64_t>(one.uid), since--});
  }
  const std::optional<size_t> chosen =
      ChooseWhoLeaves(places, static_cast<int64_t>(uid));
  if (!chosen.has_value()) return false;
  const Connection& leaves = connections_[*chosen];
  // Ours while we look, whatever gRPC closes meanwhile.
  const UniqueFd held(fcntl(leaves.number, F_DUPFD_CLOEXEC, 0));
  if (held.valid() && InodeOf(held.get()) == leaves.inode) {
    shutdown(held.get(), SHUT_RDWR);
  }
  connections_.erase(connections_.begin() +
                     static_cast<std::ptrdiff_t>(*chosen));
  return true;
}

}  // namespace tug::rpc
