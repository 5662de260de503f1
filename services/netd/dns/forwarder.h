// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/byte_budget.h"
#include "lib/netlink/ip.h"
#include "lib/sys/unique_fd.h"
#include "services/netd/dns/dns_view.h"
#include "services/netd/dns/event_set.h"
#include "services/netd/dns/message.h"
#include "services/netd/dns/upstream_query.h"
#include "services/netd/fairness/fair_share.h"

namespace tug::netd::dns {

// Where an answer goes: a datagram's sender, or a stream.
struct ReturnPath {
  uint64_t client = 0;
  uint64_t stream = 0;
  sockaddr_storage sender = {};
  socklen_t sender_size = 0;
};

// A way to a name server: from inside a sandbox, or from the host (no lease).
struct Route {
  std::string lease;
  netlink::IpAddress server;
  bool tcp = false;

  auto operator<=>(const Route&) const = default;
};

// The questions that are on their way to the outside. The resolver cannot open
// sockets; it asks netd for some that are connected already, a handful at a
// time, and a datagram socket serves a few questions one after the other.
//
//   question ---> a socket is idle on the route -----------------> query
//            \--> none: waits, `ask_for_sockets` --> AddSockets -> query
//   query answered: the best answer goes to `deliver`, the socket is idle again
//
// Not thread-safe.
class Forwarder {
 public:
  // Sockets and waiting questions of all sandboxes and of one. Who has his own
  // share gets a failure for more. When all have theirs, the oldest question of
  // the sandbox that has most fails instead of one of a sandbox that has less
  // (FairShare): it is the one that waits in vain.
  static constexpr size_t kMaxQueries = 4096;
  static constexpr size_t kMaxQueriesOfOne = 256;
  // Longest wait for a server, just below a client's own patience (5 s).
  static constexpr absl::Duration kPatience = absl::Milliseconds(4500);
  // Questions that one datagram socket, and so one port, is used for.
  static constexpr int kUses = 32;
  // Idle sockets of a route, and of all; more are closed.
  static constexpr size_t kMaxIdle = 16;
  static constexpr size_t kMaxIdleOfAll = 2048;

  class Owner {
   public:
    virtual ~Owner() = default;
    // Sends the reply; without one says that the servers failed.
    virtual void Deliver(const ReturnPath& path, const Question& question,
                         const std::string& reply) = 0;
    // Asks netd; AddSockets follows, if only with none. False if netd cannot
    // be asked.
    virtual bool AskForSockets(const Route& route, size_t count) = 0;
  };

  // `buffers`: what the questions under way and the streams to servers hold.
  Forwarder(EventSet& events, Owner& owner, ByteBudget& buffers)
      : events_(events), owner_(owner), buffers_(buffers) {}

  // Whether the question is under way. `next_id` gives fresh numbers.
  bool Forward(const ReturnPath& path, absl::string_view lease,
               const DnsView& view, const Question& question,
               absl::string_view message, uint64_t& next_id);

  // What netd gave for a route.
  void AddSockets(const Route& route, std::vector<UniqueFd> sockets,
                  uint64_t& next_id);

  void OnReady(uint64_t query);

  // Drops all questions and sockets of a sandbox.
  void EndClient(uint64_t client, absl::string_view lease);

  void EndOverdue(absl::Time now);
  // When EndOverdue has something to do.
  absl::Time NextDeadline() const;

 private:
  struct Socket {
    UniqueFd fd;
    int uses = 0;
  };
  struct Forwarded {
    ReturnPath path;
    Question question;
    std::string message;
    // Of the message here and in each query.
    size_t bytes = 0;
    // Queries, and routes that it waits for a socket on.
    size_t pending = 0;
    std::vector<uint64_t> queries;
    // Best of the refusals so far.
    std::string fallback;
    absl::Time deadline;
  };
  struct Query {
    uint64_t forwarded = 0;
    Route route;
    int uses = 0;
    std::unique_ptr<UpstreamQuery> query;
  };
  struct Waiting {
    std::deque<uint64_t> forwarded;
    bool asked = false;
  };

  // Room for `ways` more of `client`, or false.
  bool MakeRoom(uint64_t client, size_t ways);
  std::optional<Socket> TakeIdle(const Route& route);
  void KeepIdle(const Route& route, Socket socket);
  bool Start(uint64_t forwarded, const Route& route, Socket socket,
             uint64_t& next_id);
  bool Await(uint64_t forwarded, const Route& route);
  // One of the ways of a question led nowhere.
  void Fail(uint64_t forwarded);
  void Finish(uint64_t forwarded, const std::string& reply);
  void Remove(uint64_t forwarded);

  EventSet& events_;
  Owner& owner_;
  ByteBudget& buffers_;
  // By number, and so by deadline: all wait equally long.
  std::map<uint64_t, Forwarded> forwarded_;
  std::map<uint64_t, Query> queries_;
  std::map<Route, Waiting> waiting_;
  std::map<Route, std::vector<Socket>> idle_;
  size_t idle_count_ = 0;
  // Pending of all, and of each client.
  size_t pending_ = 0;
  std::map<uint64_t, size_t> pending_of_;
  // Which sandbox has which of `forwarded_`.
  FairShare<uint64_t, uint64_t> shares_;
};

}  // namespace tug::netd::dns
