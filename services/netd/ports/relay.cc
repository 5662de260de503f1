// SPDX-License-Identifier: Apache-2.0
#include "services/netd/ports/relay.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/time/clock.h"
#include "lib/base/status.h"

namespace tug::netd {
namespace {

// What an event is about: the two top bits of its data.
constexpr uint64_t kKindMask = uint64_t{3} << 62;
constexpr uint64_t kWake = uint64_t{0} << 62;
constexpr uint64_t kListener = uint64_t{1} << 62;
constexpr uint64_t kFlow = uint64_t{2} << 62;
constexpr uint64_t kUdpServer = uint64_t{3} << 62;

constexpr int kEventsPerTurn = 64;
// Connections accepted of one port in one turn.
constexpr int kAcceptBurst = 64;

}  // namespace

absl::StatusOr<std::unique_ptr<Relay>> Relay::Start() {
  UniqueFd poll(epoll_create1(EPOLL_CLOEXEC));
  if (!poll) return ErrnoStatus(errno, "start relay: epoll_create1");
  UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return ErrnoStatus(errno, "start relay: eventfd");
  return absl::WrapUnique(new Relay(std::move(poll), std::move(wake)));
}

Relay::Relay(UniqueFd poll, UniqueFd wake)
    : poll_(std::move(poll)), wake_(std::move(wake)) {
  Watch(wake_.get(), EPOLLIN, kWake);
  thread_ = std::thread([this] { Run(); });
}

Relay::~Relay() {
  const uint64_t one = 1;
  (void)!write(wake_.get(), &one, sizeof(one));
  thread_.join();
}

void Relay::Watch(int fd, uint32_t events, uint64_t kind_and_id) {
  epoll_event event = {};
  event.events = events;
  event.data.u64 = kind_and_id;
  epoll_ctl(poll_.get(), EPOLL_CTL_ADD, fd, &event);
}

uint64_t Relay::Add(UniqueFd socket, uint8_t protocol, const Target& target) {
  absl::MutexLock lock(&mutex_);
  const uint64_t id = next_id_++;
  Listener& listener = listeners_[id];
  listener.protocol = protocol;
  listener.target_size =
      netlink::ToSockaddr(target.address, target.port, listener.target);
  listener.socket = std::move(socket);
  // SCTP is only held: the kernel translates it or nobody does.
  if (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP) {
    Watch(listener.socket.get(), EPOLLIN, kListener | id);
  }
  return id;
}

void Relay::Retarget(uint64_t id, const Target& target) {
  absl::MutexLock lock(&mutex_);
  const auto found = listeners_.find(id);
  if (found == listeners_.end()) return;
  found->second.target_size =
      netlink::ToSockaddr(target.address, target.port, found->second.target);
  udp_.RemoveListener(id);
}

void Relay::Remove(uint64_t id) {
  absl::MutexLock lock(&mutex_);
  udp_.RemoveListener(id);
  listeners_.erase(id);
}

bool Relay::MakeRoom(const RelayClient& client) {
  if (flows_.size() < kMaxFlows) return true;
  const auto silent = shares_.GivesWayTo(client);
  if (silent.has_value()) EndFlow(*silent);
  return silent.has_value();
}

void Relay::EndFlow(uint64_t id) {
  shares_.Remove(id);
  flows_.erase(id);
}

void Relay::AcceptAll(uint64_t id, const Listener& listener) {
  for (int i = 0; i < kAcceptBurst; ++i) {
    sockaddr_storage from = {};
    socklen_t from_size = sizeof(from);
    UniqueFd client(accept4(listener.socket.get(),
                            reinterpret_cast<sockaddr*>(&from), &from_size,
                            SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client) return;
    const RelayClient who = ClientAt(id, from);
    if (!MakeRoom(who)) continue;
    UniqueFd server(socket(listener.target.ss_family,
                           SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!server) continue;
    const auto* target = reinterpret_cast<const sockaddr*>(&listener.target);
    if (connect(server.get(), target, listener.target_size) != 0 &&
        errno != EINPROGRESS) {
      continue;
    }
    auto flow = std::make_unique<TcpFlow>(std::move(client), std::move(server));
    if (!flow->valid()) continue;
    const uint64_t flow_id = next_flow_++;
    constexpr uint32_t kEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    Watch(flow->client(), kEvents, kFlow | flow_id);
    Watch(flow->server(), kEvents, kFlow | flow_id);
    flows_.emplace(flow_id, std::move(flow));
    shares_.Add(who, flow_id);
  }
}

void Relay::OnListener(uint64_t id) {
  absl::MutexLock lock(&mutex_);
  const auto found = listeners_.find(id);
  if (found == listeners_.end()) return;
  const Listener& listener = found->second;
  if (listener.protocol == IPPROTO_TCP) return AcceptAll(id, listener);
  udp_.FromClients(id, listener.socket.get(), listener.target,
                   listener.target_size, [&](UdpSessions::Session& session) {
                     const int fd = session.server.get();
                     Watch(fd, EPOLLIN, kUdpServer | static_cast<uint64_t>(fd));
                   });
}

void Relay::OnFlow(uint64_t id) {
  const auto found = flows_.find(id);
  if (found == flows_.end()) return;
  if (!found->second->Pump()) return EndFlow(id);
  shares_.Touch(id);
}

void Relay::OnUdpServer(int fd) {
  absl::MutexLock lock(&mutex_);
  UdpSessions::Session* const session = udp_.Find(fd);
  if (session != nullptr) udp_.FromServer(*session);
}

void Relay::Run() {
  absl::Time next_sweep = absl::Now() + kSweep;
  for (;;) {
    epoll_event events[kEventsPerTurn];
    const int count =
        epoll_wait(poll_.get(), events, kEventsPerTurn,
                   static_cast<int>(absl::ToInt64Milliseconds(kSweep)));
    for (int i = 0; i < count; ++i) {
      const uint64_t id = events[i].data.u64 & ~kKindMask;
      switch (events[i].data.u64 & kKindMask) {
        case kListener:
          OnListener(id);
          break;
        case kFlow:
          OnFlow(id);
          break;
        case kUdpServer:
          OnUdpServer(static_cast<int>(id));
          break;
        default:
          return;
      }
    }
    if (absl::Now() >= next_sweep) {
      next_sweep = absl::Now() + kSweep;
      absl::MutexLock lock(&mutex_);
      udp_.RemoveIdle(absl::Now());
    }
  }
}

}  // namespace tug::netd
