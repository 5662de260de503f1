// SPDX-License-Identifier: Apache-2.0
//
// Bulk bytes and file descriptors beside gRPC (docs/formats/byte-channel.md).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/sys/unique_fd.h"
#include "proto/tug/type/v1/type.pb.h"

namespace tug::rpc {

// How long an issued ticket may wait to be redeemed.
inline constexpr absl::Duration kTicketLifetime = absl::Seconds(10);
// Most tickets outstanding; more are refused with RESOURCE_EXHAUSTED.
inline constexpr size_t kMaxTickets = 4096;

// Issues single-use tickets for byte streams and descriptors of one service.
//
// Thread-safe. Outlives the server that accepts its connections.
class TicketBooth {
 public:
  // Called once, on a thread of its own, with a connected stream socket
  // (blocking). The peer sees the end of the stream at shutdown(2) or when the
  // handler returns, not at close(2): the server keeps a duplicate, by which it
  // ends the stream at its own shutdown. A handler that stores the connection
  // elsewhere and returns keeps it open.
  using Handler = std::function<void(UniqueFd connection)>;
  // Called instead of the handler when nobody redeemed the ticket in time, on
  // a thread that it must not block. Not called by the destructor.
  using Expired = std::function<void()>;

  explicit TicketBooth(std::string socket_path);
  ~TicketBooth();
  TicketBooth(const TicketBooth&) = delete;
  TicketBooth& operator=(const TicketBooth&) = delete;

  // A ticket whose redeemer talks to `handler`. RESOURCE_EXHAUSTED
  // (TICKETS_EXHAUSTED).
  absl::StatusOr<type::v1::StreamTicket> IssueStream(Handler handler,
                                                     Expired expired = {});

  // A ticket that yields `fd` itself. `is_stream` tells whether it may be read
  // and written as a byte stream (StreamService.Open).
  absl::StatusOr<type::v1::StreamTicket> IssueDescriptor(UniqueFd fd,
                                                         bool is_stream);

  // What a token stands for; NOT_FOUND (TICKET_UNKNOWN).
  struct Descriptor {
    UniqueFd fd;
    bool is_stream;
  };
  using Claim = std::variant<Handler, Descriptor>;
  absl::StatusOr<Claim> Take(absl::string_view token);

  // Serves one accepted connection of the byte socket: reads the token (within
  // kTicketLifetime), calls `redeemed` (may be null) if it is known, answers one
  // status byte (0, or 1 unknown), passes the descriptor or runs the handler.
  // Blocks; called on its own thread.
  void ServeConnection(UniqueFd connection,
                       const std::function<void()>& redeemed = nullptr);

  const std::string& socket_path() const { return socket_path_; }

 private:
  struct Entry {
    Claim claim;
    Expired expired;
    absl::Time deadline;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  absl::StatusOr<type::v1::StreamTicket> Issue(Claim claim, Expired expired);
  // Removes what has expired; the caller runs the callbacks and closes the
  // descriptors without the lock.
  std::vector<Entry> TakeExpired() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time EarliestDeadline() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Body of `sweeper_`: ends tickets in time even if nothing else happens.
  void Sweep();

  const std::string socket_path_;
  absl::Mutex mutex_;
  absl::CondVar changed_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread sweeper_;
};

// Path of the byte socket of `service`.
std::string ByteSocketPath(absl::string_view run_directory,
                           absl::string_view service);

// Whose tickets are taken: those of some services in a run directory.
struct TicketIssuers {
  std::string run_directory;
  std::vector<std::string> services;
};

// Takes what `ticket` stands for: a connected stream socket, or the passed
// descriptor. NOT_FOUND (TICKET_UNKNOWN), UNAVAILABLE. Blocks at most
// kTicketLifetime a step. A ticket that names another socket than that of one
// of `issuers` is unknown: whoever made it would have us connect to whatever
// listens on this host.
absl::StatusOr<UniqueFd> RedeemTicket(const type::v1::StreamTicket& ticket,
                                      const TicketIssuers& issuers);

}  // namespace tug::rpc
