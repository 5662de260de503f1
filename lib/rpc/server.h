// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lib/event/event_bus.h"
#include "lib/rpc/byte_channel.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace tug::rpc {

struct ServerOptions {
  // Name of the service: sockets are `<run_directory>/<name>.sock` and
  // `<run_directory>/<name>.bytes.sock`, mode 0660, unless tugd handed over
  // listening sockets (LISTEN_FDS, LISTEN_FDNAMES "rpc:bytes", as systemd).
  std::string name;
  std::string run_directory = "/run/tug";
  // Threads of the server: calls in handlers, plus a few that wait for the next
  // one. A call beyond that fails with RESOURCE_EXHAUSTED. Streams that only
  // wait (Watch, WaitContainer, ReadLogs, WatchStats; see stream_writer.h) hold
  // none; those that work (PullImage, StreamService.Open) hold one all the
  // time.
  int max_threads = 256;
  // Users besides root and the service's own that may connect (SO_PEERCRED);
  // members of group "tug" always may.
  std::vector<unsigned> allowed_uids;
  // Those of the gRPC services, by full name, that other services of ours call
  // (peer_table.h names the methods); each is also one of those that are
  // served.
  std::map<std::string, grpc::Service*> for_services;
};

// Serves `services` (owned by the caller), StreamService for `booth`,
// EventService for `events`, standard health and reflection, until SIGTERM or
// SIGINT; then lets running calls end for two seconds, cancels the others, ends
// the byte streams, and leaves the process two seconds later if some still do
// not return. Handlers that wait must look at ServerContext::IsCancelled(). The
// accept loop is our own: it checks who the peer is before gRPC sees a byte
// (peer_table.h), and connects services of ours to a server that has nothing
// but the methods that they may call.
// `booth` and `events` may be null.
absl::Status Serve(const ServerOptions& options,
                   const std::vector<grpc::Service*>& services,
                   TicketBooth* booth, EventBus* events);

// Path of the byte socket for these options, for the TicketBooth.
std::string ByteSocketPath(const ServerOptions& options);

}  // namespace tug::rpc
