// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::rpc {

// Who connected a unix socket, as the kernel noted it at connect(2).
struct PeerCredentials {
  pid_t pid;
  uid_t uid;
  gid_t gid;
  std::vector<gid_t> groups;  // Supplementary ones.
};

absl::StatusOr<PeerCredentials> ReadPeerCredentials(int socket);

// What a peer is to us.
struct Peer {
  enum class Kind {
    kStranger,
    // May do everything: root, this process's own user, and members of the
    // group "tug".
    kAdministrator,
    // One of our services, told by its tag (lib/confine/service_tag.h).
    kService,
  };
  Kind kind = Kind::kStranger;
  absl::string_view service = {};  // With kService.
  uid_t uid = 0;
};

// Tells peers apart. Immutable.
class PeerPolicy {
 public:
  // `allowed_uids` are administrators too. Looks the group up once.
  explicit PeerPolicy(std::vector<unsigned> allowed_uids);
  PeerPolicy(std::vector<unsigned> allowed_uids,
             std::optional<gid_t> trusted_group);

  Peer Judge(const PeerCredentials& credentials) const;

  // The same for a connected socket; a stranger if that has no credentials.
  Peer JudgeSocket(int socket) const;

 private:
  const std::vector<unsigned> allowed_uids_;
  const std::optional<gid_t> trusted_group_;
};

// Whether the other end of `socket` is a service with a tag: one that has no
// business at sockets for users.
bool IsTaggedService(int socket);

}  // namespace tug::rpc
