// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/netlink/ip.h"
#include "lib/sys/unique_fd.h"
#include "services/netd/fairness/fair_share.h"
#include "services/netd/ports/relay_client.h"
#include "services/netd/ports/tcp_flow.h"
#include "services/netd/ports/udp_sessions.h"

namespace tug::netd {

// Carries to containers what the kernel cannot translate: clients of [::1],
// IPv6 clients of a container without IPv6, and what arrives before the
// firewall knows a port. One thread for all ports.
//
// Thread-safe.
class Relay {
 public:
  // Most TCP connections at once. For one more, the longest silent of the
  // client that has most is closed (FairShare).
  static constexpr size_t kMaxFlows = 1024;
  // How often idle UDP clients are looked for.
  static constexpr absl::Duration kSweep = absl::Seconds(10);

  static absl::StatusOr<std::unique_ptr<Relay>> Start();
  ~Relay();

  struct Target {
    netlink::IpAddress address;
    uint16_t port = 0;
  };

  // Serves a bound, non-blocking socket of IPPROTO_TCP (listening) or
  // IPPROTO_UDP, which it keeps. Answers a handle.
  uint64_t Add(UniqueFd socket, uint8_t protocol, const Target& target);
  // New connections and clients go to `target`.
  void Retarget(uint64_t id, const Target& target);
  // Closes the socket before it returns; connections that are open go on
  // until they end.
  void Remove(uint64_t id);

 private:
  struct Listener {
    UniqueFd socket;
    uint8_t protocol = 0;
    sockaddr_storage target = {};
    socklen_t target_size = 0;
  };

  Relay(UniqueFd poll, UniqueFd wake);
  void Run();
  void OnListener(uint64_t id);
  void AcceptAll(uint64_t id, const Listener& listener)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Room for one more flow of `client`, or false.
  bool MakeRoom(const RelayClient& client);
  void EndFlow(uint64_t id);
  void OnFlow(uint64_t id);
  void OnUdpServer(int fd);
  void Watch(int fd, uint32_t events, uint64_t kind_and_id);

  UniqueFd poll_;
  // An eventfd that ends the thread.
  UniqueFd wake_;
  absl::Mutex mutex_;
  std::map<uint64_t, Listener> listeners_ ABSL_GUARDED_BY(mutex_);
  UdpSessions udp_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  // Of the thread alone.
  std::map<uint64_t, std::unique_ptr<TcpFlow>> flows_;
  FairShare<RelayClient, uint64_t> shares_;
  uint64_t next_flow_ = 1;
  std::thread thread_;
};

}  // namespace tug::netd
