// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/byte_budget.h"
#include "lib/sys/unique_fd.h"
#include "services/netd/dns/control.pb.h"
#include "services/netd/dns/event_set.h"
#include "services/netd/dns/forwarder.h"
#include "services/netd/dns/framed_stream.h"
#include "services/netd/dns/name_directory.h"
#include "services/netd/dns/question_budget.h"

namespace tug::netd::dns {

// The resolver: answers what sandboxes ask at 127.0.0.11. It has a process of
// its own, one thread, and nothing but the sockets that netd hands it
// (control.proto). Nothing in it waits but for epoll.
//
// A turn hears netd first, then looks at each socket that is ready, in turn,
// and takes a few questions from it; so a sandbox that floods gets its share,
// and the others' questions wait for one share of each at most. What exceeds a
// sandbox's budget is not read for a while (QuestionBudget).
//
// Example: a container has just been started beside a running one, which asks
// for its name at once. netd told its name before it said that the container
// runs; but our turn may have begun before. So a name that is not found is
// looked up again after hearing netd.
class Resolver final : public Forwarder::Owner {
 public:
  // Clients by TCP, of all sandboxes and of one; beyond them they are closed.
  static constexpr size_t kMaxStreams = 1024;
  static constexpr size_t kMaxStreamsOfOne = 32;
  // A client by TCP that is silent for so long is closed.
  static constexpr absl::Duration kStreamIdle = absl::Seconds(20);
  // Longest question that is read; real ones have a few hundred bytes.
  static constexpr size_t kMaxQuestion = 4096;
  // What all streams and questions under way may hold together, in bytes.
  static constexpr size_t kMaxBuffers = 32 << 20;
  // Datagrams, connections, or questions of a stream in one turn.
  static constexpr int kShare = 32;

  // No two turns begin further apart than this, unless one is stuck.
  static constexpr absl::Duration kLongestTurn = absl::Seconds(15);

  using OnTurn = std::function<void()>;
  // `control` is one end of a channel (control_channel.h); when `stop` becomes
  // readable, Run ends. `on_turn` is called at the begin of each turn.
  static absl::StatusOr<std::unique_ptr<Resolver>> Make(
      UniqueFd control, UniqueFd stop, OnTurn on_turn = [] {});

  // Until the channel ends.
  absl::Status Run();

  void Deliver(const ReturnPath& path, const Question& question,
               const std::string& reply) override;
  bool AskForSockets(const Route& route, size_t count) override;

 private:
  struct Client {
    std::string lease;
    DnsView view;
    UniqueFd udp;
    UniqueFd tcp;
    QuestionBudget budget;
    std::vector<uint64_t> streams;
    bool paused = false;
  };
  struct Stream {
    uint64_t client = 0;
    std::unique_ptr<FramedStream> frames;
    absl::Time last_used;
    // The client has sent all that it will.
    bool ended = false;
    // Questions of it that are under way outside.
    size_t forwarded = 0;
    // What it is watched for; 0: it is not in the set, which would tell its end
    // again and again.
    uint32_t watched = 0;
  };

  Resolver(UniqueFd poll, UniqueFd control, UniqueFd stop, OnTurn on_turn);

  // Takes up what netd has sent. Whether there was something.
  absl::StatusOr<bool> HearNetd();
  void Obey(ToResolver& message, std::vector<UniqueFd> fds);
  void Register(const View& view, std::vector<UniqueFd> fds);
  // No longer watches its sockets, which closing would not do: netd has them
  // too.
  void Ignore(const Client& client);
  void OnSockets(const WantSockets& wanted, std::vector<UniqueFd> fds);
  void Tell(const FromResolver& message);

  void OnEvent(const Source& source);
  void OnDatagrams(uint64_t client);
  void OnConnections(uint64_t client);
  void OnStream(uint64_t stream, bool ready);
  void OnQuestion(const ReturnPath& path, absl::string_view message);
  void Answer(const ReturnPath& path, const Question& question,
              absl::string_view message, const Client& client);
  void Reply(const ReturnPath& path, const std::string& message);
  void ReplyWith(const ReturnPath& path, const Question& question,
                 const dns::Answer& answer);

  // Whether the client may ask on; if not, it is paused.
  bool MayAsk(uint64_t client);
  void Watch(uint64_t id, const Client& client);
  // Watches a stream for what it may do now: ask, unless its client is paused
  // or it does not read its answers, and be sent what it has not been sent.
  void WatchStream(uint64_t id, Stream& stream);
  // Ends a stream that has ended and has nothing left to get.
  void EndIfDone(uint64_t stream);
  void ResumePaused(absl::Time now);
  void EndStream(uint64_t stream);
  void EndClient(absl::string_view lease);
  void EndSilentStreams(absl::Time now);
  absl::Duration UntilNextTurn(absl::Time now) const;

  EventSet events_;
  const UniqueFd control_;
  const UniqueFd stop_;
  const OnTurn on_turn_;
  NameDirectory names_;
  // Outlives the streams and queries that take from it.
  ByteBudget buffers_{{.count = SIZE_MAX, .bytes = kMaxBuffers}};
  Forwarder forwarder_;
  std::map<uint64_t, Client> clients_;
  std::map<std::string, uint64_t, std::less<>> by_lease_;
  std::map<uint64_t, Stream> streams_;
  // Streams with questions that were read and not yet looked at.
  std::vector<uint64_t> unfinished_;
  // Clients that are paused, and until when.
  std::deque<std::pair<absl::Time, uint64_t>> paused_;
  absl::Time swept_;
  bool stopped_ = false;
  uint64_t next_id_ = 1;
};

}  // namespace tug::netd::dns
