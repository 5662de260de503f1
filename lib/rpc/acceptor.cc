// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/acceptor.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/rpc/peer_table.h"

namespace tug::rpc {
namespace {

// Pause while the process is out of descriptors: the connection stays in the
// backlog and poll(2) would return at once.
constexpr int kExhaustedPauseMs = 100;

bool MayConnect(const std::string& service, const Listener& listener,
                const Peer& peer) {
  if (peer.kind == Peer::Kind::kAdministrator) return true;
  const PeerRule* rule = peer.kind == Peer::Kind::kService
                             ? FindPeerRule(service, peer.service)
                             : nullptr;
  if (rule != nullptr && !(listener.is_rpc && rule->grpc_service.empty())) {
    return true;
  }
  LogWarning(
      "refused a connection: neither root nor in group tug, and no service "
      "that may call this one",
      {{"uid", absl::StrCat(peer.uid)}, {"service", peer.service}});
  return false;
}

// Whether the loop should pause before it tries again.
bool AcceptOne(const std::string& service, const Listener& listener,
               const PeerPolicy& policy) {
  const int flags = SOCK_CLOEXEC | (listener.nonblocking ? SOCK_NONBLOCK : 0);
  UniqueFd connection(accept4(listener.socket.get(), nullptr, nullptr, flags));
  if (!connection) {
    // EAGAIN and ECONNABORTED: whoever was there has left.
    const bool exhausted = errno == EMFILE || errno == ENFILE ||
                           errno == ENOBUFS || errno == ENOMEM;
    if (exhausted) LogIfError(ErrnoStatus(errno, "accept"), "cannot accept");
    return exhausted;
  }
  const Peer peer = policy.JudgeSocket(connection.get());
  if (MayConnect(service, listener, peer)) {
    listener.accept(std::move(connection), peer);
  }
  return false;
}

}  // namespace

absl::Status AcceptUntil(const UniqueFd& stop, const std::string& service,
                         const std::vector<Listener>& listeners,
                         const PeerPolicy& policy) {
  std::vector<pollfd> polled = {{stop.get(), POLLIN, 0}};
  for (const Listener& listener : listeners) {
    polled.push_back({listener.socket.get(), POLLIN, 0});
  }
  for (;;) {
    if (poll(polled.data(), polled.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, "wait for connections");
    }
    if (polled[0].revents != 0) return absl::OkStatus();
    bool pause = false;
    for (size_t i = 0; i < listeners.size(); ++i) {
      if (polled[i + 1].revents == 0) continue;
      pause = AcceptOne(service, listeners[i], policy) || pause;
    }
    if (pause) (void)poll(polled.data(), 1, kExhaustedPauseMs);
  }
}

}  // namespace tug::rpc
