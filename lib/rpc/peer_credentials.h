// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "absl/status/statusor.h"

namespace tug::rpc {

// Who connected a unix socket, as the kernel noted it at connect(2).
struct PeerCredentials {
  pid_t pid;
  uid_t uid;
  gid_t gid;
  std::vector<gid_t> groups;  // Supplementary ones.
};

absl::StatusOr<PeerCredentials> ReadPeerCredentials(int socket);

// Who may connect: root, this process's own user, `allowed_uids`, and members
// of group "tug". Immutable.
class PeerPolicy {
 public:
  // Looks the group up once.
  explicit PeerPolicy(std::vector<unsigned> allowed_uids);
  PeerPolicy(std::vector<unsigned> allowed_uids,
             std::optional<gid_t> trusted_group);

  bool Allows(const PeerCredentials& peer) const;

  // The same for a connected socket; logs who was refused.
  bool AllowsSocket(int socket) const;

 private:
  const std::vector<unsigned> allowed_uids_;
  const std::optional<gid_t> trusted_group_;
};

}  // namespace tug::rpc
