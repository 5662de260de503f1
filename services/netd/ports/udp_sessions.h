// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "lib/sys/unique_fd.h"
#include "services/netd/fairness/fair_share.h"
#include "services/netd/ports/relay_client.h"

namespace tug::netd {

// Clients of relayed UDP ports: each has a socket of its own towards the
// container, by which answers find the way back.
//
// Not thread-safe.
class UdpSessions {
 public:
  // Most sessions at once, over all ports. For one more, the longest silent of
  // the client that has most is forgotten (FairShare).
  static constexpr size_t kMaxSessions = 1024;
  // A client that is silent for so long is forgotten.
  static constexpr absl::Duration kIdle = absl::Seconds(90);
  static constexpr size_t kMaxDatagram = 65536;
  // Datagrams handled in one turn, so that one port does not starve others.
  static constexpr int kBurst = 64;

  struct Session {
    uint64_t listener_id = 0;
    int listener_fd = -1;
    std::string client;  // Bytes of a socket address.
    UniqueFd server;
    absl::Time last_used;
  };

  // Reads datagrams of clients and sends them on to `target`. `watch` is told
  // of each new session.
  void FromClients(uint64_t listener_id, int listener_fd,
                   const sockaddr_storage& target, socklen_t target_size,
                   absl::FunctionRef<void(Session&)> watch);
  // Reads answers and sends them to the client.
  void FromServer(Session& session);

  // The session behind a descriptor; null if it is gone.
  Session* Find(int server_fd);

  void RemoveIdle(absl::Time now);
  void RemoveListener(uint64_t listener_id);

 private:
  using Key = std::pair<uint64_t, std::string>;
  using Sessions = std::map<Key, std::unique_ptr<Session>>;
  Sessions::iterator Forget(Sessions::iterator at);
  // Room for one more session of `client`, or false.
  bool MakeRoom(const RelayClient& client);

  Sessions sessions_;
  FairShare<RelayClient, Key> shares_;
  std::map<int, Session*> by_fd_;
};

}  // namespace tug::netd
