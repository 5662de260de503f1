// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/peer_credentials.h"

#include <grp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/algorithm/container.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/confine/service_tag.h"

namespace tug::rpc {
namespace {

constexpr char kTrustedGroup[] = "tug";
// NGROUPS_MAX of the kernel.
constexpr size_t kMaxGroups = 65536;
constexpr size_t kUsualGroups = 64;
constexpr size_t kGroupEntryBytes = 1 << 16;

std::optional<gid_t> LookUpGroup(const char* name) {
  std::vector<char> buffer(kGroupEntryBytes);
  group entry = {};
  group* found = nullptr;
  if (getgrnam_r(name, &entry, buffer.data(), buffer.size(), &found) != 0 ||
      found == nullptr) {
    return std::nullopt;
  }
  return entry.gr_gid;
}

// Before Linux 4.13 there is no SO_PEERGROUPS; we ask for 5.10.
absl::StatusOr<std::vector<gid_t>> ReadGroups(int socket) {
  std::vector<gid_t> groups(kUsualGroups);
  for (;;) {
    auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) ==
        0) {
      groups.resize(size / sizeof(gid_t));
      return groups;
    }
    const size_t needed = size / sizeof(gid_t);
    if (errno != ERANGE || needed > kMaxGroups || needed <= groups.size()) {
      return ErrnoStatus(errno, "read the groups of a peer");
    }
    groups.resize(needed);
  }
}

}  // namespace

absl::StatusOr<PeerCredentials> ReadPeerCredentials(int socket) {
  ucred credentials = {};
  socklen_t size = sizeof(credentials);
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return ErrnoStatus(errno, "read the credentials of a peer");
  }
  absl::StatusOr<std::vector<gid_t>> groups = ReadGroups(socket);
  if (!groups.ok()) return groups.status();
  return PeerCredentials{credentials.pid, credentials.uid, credentials.gid,
                         *std::move(groups)};
}

PeerPolicy::PeerPolicy(std::vector<unsigned> allowed_uids)
    : PeerPolicy(std::move(allowed_uids), LookUpGroup(kTrustedGroup)) {}

PeerPolicy::PeerPolicy(std::vector<unsigned> allowed_uids,
                       std::optional<gid_t> trusted_group)
    : allowed_uids_(std::move(allowed_uids)), trusted_group_(trusted_group) {}

Peer PeerPolicy::Judge(const PeerCredentials& credentials) const {
  // First: a service with a tag may well be root by its number.
  const absl::string_view service = ServiceOfTag(credentials.groups);
  if (!service.empty()) {
    return {Peer::Kind::kService, service, credentials.uid};
  }
  const bool in_group =
      trusted_group_.has_value() &&
      (credentials.gid == *trusted_group_ ||
       absl::c_linear_search(credentials.groups, *trusted_group_));
  if (credentials.uid == 0 || credentials.uid == geteuid() || in_group ||
      absl::c_linear_search(allowed_uids_, credentials.uid)) {
    return {Peer::Kind::kAdministrator, {}, credentials.uid};
  }
  return {Peer::Kind::kStranger, {}, credentials.uid};
}

Peer PeerPolicy::JudgeSocket(int socket) const {
  const absl::StatusOr<PeerCredentials> peer = ReadPeerCredentials(socket);
  if (peer.ok()) return Judge(*peer);
  LogIfError(peer.status(), "refused a connection");
  return {};
}

bool IsTaggedService(int socket) {
  const absl::StatusOr<PeerCredentials> peer = ReadPeerCredentials(socket);
  return peer.ok() && !ServiceOfTag(peer->groups).empty();
}

}  // namespace tug::rpc
