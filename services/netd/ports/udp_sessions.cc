// SPDX-License-Identifier: Apache-2.0
#include "services/netd/ports/udp_sessions.h"

#include <iterator>
#include <utility>
#include <vector>

#include "absl/time/clock.h"

namespace tug::netd {
namespace {

UniqueFd ConnectTo(const sockaddr_storage& target, socklen_t size) {
  UniqueFd fd(
      socket(target.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd && connect(fd.get(), reinterpret_cast<const sockaddr*>(&target),
                    size) != 0) {
    fd.reset();
  }
  return fd;
}

}  // namespace

UdpSessions::Sessions::iterator UdpSessions::Forget(Sessions::iterator at) {
  shares_.Remove(at->first);
  by_fd_.erase(at->second->server.get());
  return sessions_.erase(at);
}

bool UdpSessions::MakeRoom(const RelayClient& client) {
  if (sessions_.size() < kMaxSessions) return true;
  const auto silent = shares_.GivesWayTo(client);
  if (silent.has_value()) Forget(sessions_.find(*silent));
  return silent.has_value();
}

void UdpSessions::FromClients(uint64_t listener_id, int listener_fd,
                              const sockaddr_storage& target,
                              socklen_t target_size,
                              absl::FunctionRef<void(Session&)> watch) {
  std::vector<char> datagram(kMaxDatagram);
  for (int i = 0; i < kBurst; ++i) {
    sockaddr_storage from = {};
    socklen_t from_size = sizeof(from);
    const ssize_t size =
        recvfrom(listener_fd, datagram.data(), datagram.size(), 0,
                 reinterpret_cast<sockaddr*>(&from), &from_size);
    if (size < 0) return;
    const Key key(listener_id,
                  std::string(reinterpret_cast<char*>(&from), from_size));
    auto found = sessions_.find(key);
    if (found == sessions_.end()) {
      const RelayClient client = ClientAt(listener_id, from);
      if (!MakeRoom(client)) continue;
      auto session = std::make_unique<Session>();
      session->listener_id = listener_id;
      session->listener_fd = listener_fd;
      session->client = key.second;
      session->server = ConnectTo(target, target_size);
      if (!session->server) continue;
      by_fd_[session->server.get()] = session.get();
      watch(*session);
      found = sessions_.emplace(key, std::move(session)).first;
      shares_.Add(client, key);
    }
    found->second->last_used = absl::Now();
    shares_.Touch(key);
    // A datagram that cannot be sent is lost, as datagrams may be.
    (void)!send(found->second->server.get(), datagram.data(),
                static_cast<size_t>(size), 0);
  }
}

void UdpSessions::FromServer(Session& session) {
  std::vector<char> datagram(kMaxDatagram);
  for (int i = 0; i < kBurst; ++i) {
    const ssize_t size =
        recv(session.server.get(), datagram.data(), datagram.size(), 0);
    if (size < 0) return;
    session.last_used = absl::Now();
    (void)!sendto(session.listener_fd, datagram.data(),
                  static_cast<size_t>(size), 0,
                  reinterpret_cast<const sockaddr*>(session.client.data()),
                  static_cast<socklen_t>(session.client.size()));
  }
}

UdpSessions::Session* UdpSessions::Find(int server_fd) {
  const auto found = by_fd_.find(server_fd);
  return found == by_fd_.end() ? nullptr : found->second;
}

void UdpSessions::RemoveIdle(absl::Time now) {
  for (auto at = sessions_.begin(); at != sessions_.end();) {
    at = now - at->second->last_used > kIdle ? Forget(at) : std::next(at);
  }
}

void UdpSessions::RemoveListener(uint64_t listener_id) {
  auto at = sessions_.lower_bound(Key(listener_id, ""));
  while (at != sessions_.end() && at->first.first == listener_id) {
    at = Forget(at);
  }
}

}  // namespace tug::netd
