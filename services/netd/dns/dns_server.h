// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "lib/sys/unique_fd.h"
#include "services/netd/dns/dns_view.h"
#include "services/netd/dns/name_directory.h"

namespace tug::netd {

// The embedded resolver: answers what sandboxes ask at 127.0.0.11. One thread
// for all of them; nothing in it waits but for epoll.
//
// Thread-safe. `directory` outlives it.
class DnsServer {
 public:
  static absl::StatusOr<std::unique_ptr<DnsServer>> Start(
      const NameDirectory& directory);
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
  // Closes the sockets, and with them every reference to the namespace, before
  // it returns.
  void Unregister(absl::string_view lease);

 private:
  class Loop;
  explicit DnsServer(std::unique_ptr<Loop> loop);

  std::unique_ptr<Loop> loop_;
  std::thread thread_;
};

}  // namespace tug::netd
