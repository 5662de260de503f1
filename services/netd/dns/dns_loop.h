// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/sys/unique_fd.h"
#include "services/netd/dns/dns_server.h"
#include "services/netd/dns/framed_stream.h"
#include "services/netd/dns/message.h"
#include "services/netd/dns/upstream_query.h"

namespace tug::netd {

// What the resolver's thread does. The lock is held while an event is handled,
// in which nothing waits, and by callers that register.
class DnsServer::Loop {
 public:
  // Questions on their way to the outside, of all sandboxes and of one; beyond
  // them the answer is a failure.
  static constexpr size_t kMaxForwarded = 4096;
  static constexpr size_t kMaxForwardedOfOne = 256;
  // Clients by TCP, of all sandboxes and of one; beyond them they are closed.
  static constexpr size_t kMaxStreams = 1024;
  static constexpr size_t kMaxStreamsOfOne = 64;
  // Longest wait for a server, just below a client's own patience (5 s).
  static constexpr absl::Duration kPatience = absl::Milliseconds(4500);
  // A client by TCP that is silent for so long is closed.
  static constexpr absl::Duration kStreamIdle = absl::Seconds(20);

  Loop(const NameDirectory& directory, UniqueFd poll, UniqueFd wake);

  void Register(absl::string_view lease, DnsView view, Sockets sockets);
  void Update(absl::string_view lease, DnsView view);
  void Unregister(absl::string_view lease);

  void Run();
  // Ends Run().
  void Stop();

 private:
  struct Client {
    DnsView view;
    Sockets sockets;
    size_t forwarded = 0;
    size_t streams = 0;
  };
  struct Stream {
    std::string lease;
    std::unique_ptr<dns::FramedStream> frames;
    absl::Time last_used;
  };
  // Where an answer goes: a datagram's sender, or a stream.
  struct ReturnPath {
    std::string lease;
    uint64_t stream = 0;
    sockaddr_storage sender = {};
    socklen_t sender_size = 0;
  };
  struct Forwarded {
    ReturnPath path;
    dns::Question question;
    std::vector<std::unique_ptr<dns::UpstreamQuery>> queries;
    // Best of the refusals so far.
    std::string fallback;
    absl::Time deadline;
  };
  enum class Kind { kUdp, kListener, kStream, kUpstream };
  struct Source {
    Kind kind;
    std::string lease;
    uint64_t id = 0;
  };

  void Watch(int fd, Source source, uint32_t events)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget(int fd) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnEvent(int fd) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnDatagrams(const std::string& lease)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnConnection(const std::string& lease)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnStream(uint64_t id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnUpstream(uint64_t id, int fd) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnQuestion(const ReturnPath& path, const std::string& message)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Forward(const ReturnPath& path, const dns::Question& question,
               const std::string& message)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Reply(const ReturnPath& path, const std::string& message)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReplyWith(const ReturnPath& path, const dns::Question& question,
                 const dns::Answer& answer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndForwarded(uint64_t id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndStream(uint64_t id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndClient(const std::string& lease)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndOverdue(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration UntilNextDeadline(absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const NameDirectory& directory_;
  const UniqueFd poll_;
  const UniqueFd wake_;
  absl::Mutex mutex_;
  std::map<std::string, Client, std::less<>> clients_ ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, Stream> streams_ ABSL_GUARDED_BY(mutex_);
  // By number, and so by deadline: all wait equally long.
  std::map<uint64_t, Forwarded> forwarded_ ABSL_GUARDED_BY(mutex_);
  std::map<int, Source> sources_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace tug::netd
