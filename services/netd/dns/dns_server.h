// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "lib/netlink/ip.h"
#include "lib/sys/unique_fd.h"
#include "services/netd/dns/control.pb.h"
#include "services/netd/dns/dns_view.h"
#include "services/netd/dns/name_directory.h"
#include "services/netd/dns/resolver_process.h"

namespace tug::netd {

// netd's side of the embedded resolver. The resolver, tug-dns, reads what
// containers send; here is what it has to know, and every socket of theirs, so
// that a resolver that died is replaced by one that goes on with the questions
// that lie in the sockets.
//
// What differs between here and there is a set of keys, `dirty_`: names of a
// lease on a network, or a sandbox. Each change adds its key, and sends as much
// of the set as the channel takes without waiting, which is all of it but for
// the first moment of a new resolver; a thread sends the rest. A resolver that
// starts makes every key dirty. So the lock is held for a few system calls that
// do not wait, whatever the resolver does.
//
// Thread-safe.
class DnsServer {
 public:
  // `on_end` is called, by the thread, if tug-dns as a whole has ended, which
  // nothing but netd's own restart brings back.
  static absl::StatusOr<std::unique_ptr<DnsServer>> Start(
      ResolverProcess process, std::function<void()> on_end);
  ~DnsServer();

  // Where a sandbox's questions come in: non-blocking, bound inside its
  // namespace, `tcp` listening. `ns` is the namespace, for upstreams that are
  // asked from inside.
  struct Sockets {
    UniqueFd udp;
    UniqueFd tcp;
    UniqueFd ns;
  };
  // Replaces an earlier registration.
  void Register(absl::string_view lease, DnsView view, Sockets sockets);
  // NOP if it is not registered.
  void Update(absl::string_view lease, DnsView view);
  // Closes the sockets here; the resolver does so when it hears of it, which is
  // at once unless it is stuck.
  void Unregister(absl::string_view lease);

  // Replaces what `lease` is called on the network; see NameDirectory::Put.
  void PutNames(absl::string_view network_id, absl::string_view lease,
                const std::vector<std::string>& names,
                const NameDirectory::Addresses& addresses);
  void RemoveNames(absl::string_view network_id, absl::string_view lease);

 private:
  // Without a network: the sandbox itself.
  struct Key {
    std::string network_id;
    std::string lease;

    auto operator<=>(const Key&) const = default;
  };
  struct Client {
    DnsView view;
    Sockets sockets;
    // Whether the resolver has the sockets.
    bool handed_over = false;
  };

  DnsServer(ResolverProcess process, UniqueFd wake,
            std::function<void()> on_end);
  void Run();
  bool IsOver();
  // Reads what the resolver has sent. False if there is no resolver any more.
  bool HearResolver();
  void OnWantSockets(dns::WantSockets wanted);
  // The namespace to open sockets for this route in, invalid for the host's;
  // NOT_FOUND if no view leads there.
  absl::StatusOr<UniqueFd> PlaceOf(const dns::WantSockets& wanted,
                                   const netlink::IpAddress& server);
  void MarkAll();

  void Mark(Key key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Flush() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Send(const Key& key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status SendClient(const std::string& lease)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  ResolverProcess process_;
  const UniqueFd wake_;
  const std::function<void()> on_end_;

  absl::Mutex mutex_;
  std::map<std::string, Client, std::less<>> clients_ ABSL_GUARDED_BY(mutex_);
  std::map<Key, dns::Names> names_ ABSL_GUARDED_BY(mutex_);
  std::set<Key> dirty_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tug::netd
