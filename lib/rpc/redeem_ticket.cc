// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/rpc/byte_channel.h"
#include "lib/rpc/ticket_wire.h"
#include "lib/sys/fd_channel.h"

namespace tug::rpc {
namespace {

absl::Status Unreachable(int error, const std::string& path) {
  return absl::UnavailableError(
      ErrnoStatus(error, absl::StrCat("take stream at ", path)).message());
}

absl::StatusOr<UniqueFd> Connect(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrCat("take stream: no path of a socket: ", path));
  }
  memcpy(address.sun_path, path.data(), path.size());
  UniqueFd connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!connection) return ErrnoStatus(errno, "open unix socket");
  SetSocketTimeout(connection.get(), kTicketLifetime);
  while (connect(connection.get(), reinterpret_cast<sockaddr*>(&address),
                 sizeof(address)) != 0) {
    if (errno != EINTR) return Unreachable(errno, path);
  }
  return connection;
}

bool IsOfOneOf(const TicketIssuers& issuers, const std::string& socket) {
  for (const std::string& service : issuers.services) {
    if (socket == ByteSocketPath(issuers.run_directory, service)) return true;
  }
  return false;
}

}  // namespace

std::string ByteSocketPath(absl::string_view run_directory,
                           absl::string_view service) {
  return absl::StrCat(run_directory, "/", service, ".bytes.sock");
}

absl::StatusOr<UniqueFd> RedeemTicket(const type::v1::StreamTicket& ticket,
                                      const TicketIssuers& issuers) {
  if (!IsOfOneOf(issuers, ticket.socket())) {
    return WithReason(
        absl::NotFoundError(absl::StrCat("take stream: no socket of ",
                                         absl::StrJoin(issuers.services, ", "),
                                         ": ", ticket.socket())),
        "TICKET_UNKNOWN");
  }
  if (ticket.token().size() != kTokenBytes) {
    return WithReason(absl::NotFoundError("take stream: not a ticket"),
                      "TICKET_UNKNOWN");
  }
  ASSIGN_OR_RETURN(UniqueFd connection, Connect(ticket.socket()));
  const long sent = sys::SendWithFds(connection.get(), ticket.token().data(),
                                     kTokenBytes, nullptr, 0);
  if (sent != static_cast<long>(kTokenBytes)) {
    return Unreachable(sent < 0 ? static_cast<int>(-sent) : EPIPE,
                       ticket.socket());
  }
  char answer = kTicketUnknown;
  UniqueFd passed;
  size_t count = 0;
  const long received = sys::ReceiveWithFds(connection.get(), &answer, 1,
                                            &passed, 1, &count);
  if (received != 1) {
    return Unreachable(received < 0 ? static_cast<int>(-received) : ECONNRESET,
                       ticket.socket());
  }
  if (answer != kTicketTaken) {
    return WithReason(
        absl::NotFoundError(absl::StrCat(
            "take stream at ", ticket.socket(),
            ": the ticket has expired, is used, or never was")),
        "TICKET_UNKNOWN");
  }
  if (count == 1) return passed;
  SetSocketTimeout(connection.get(), absl::ZeroDuration());
  return connection;
}

}  // namespace tug::rpc
