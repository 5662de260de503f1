// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/byte_channel.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/rpc/ticket_wire.h"
#include "lib/sys/fd_channel.h"

namespace tug::rpc {

TicketBooth::TicketBooth(std::string socket_path)
    : socket_path_(std::move(socket_path)),
      sweeper_([this] { Sweep(); }) {}

TicketBooth::~TicketBooth() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
    changed_.Signal();
  }
  sweeper_.join();
}

absl::StatusOr<type::v1::StreamTicket> TicketBooth::IssueStream(
    Handler handler, Expired expired) {
  return Issue(std::move(handler), std::move(expired));
}

absl::StatusOr<type::v1::StreamTicket> TicketBooth::IssueDescriptor(
    UniqueFd fd, bool is_stream) {
  return Issue(Descriptor{std::move(fd), is_stream}, {});
}

absl::StatusOr<type::v1::StreamTicket> TicketBooth::Issue(Claim claim,
                                                          Expired expired) {
  type::v1::StreamTicket ticket;
  ticket.set_token(RandomBytes(kTokenBytes));
  ticket.set_socket(socket_path_);
  absl::MutexLock lock(&mutex_);
  if (entries_.size() >= kMaxTickets) {
    return WithReason(
        absl::ResourceExhaustedError("too many streams wait to be taken"),
        "TICKETS_EXHAUSTED");
  }
  entries_.emplace(ticket.token(),
                   Entry{std::move(claim), std::move(expired),
                         absl::Now() + kTicketLifetime});
  // While others wait the sweeper will wake early enough: all tickets live for
  // the same time.
  if (entries_.size() == 1) changed_.Signal();
  return ticket;
}

absl::StatusOr<TicketBooth::Claim> TicketBooth::Take(absl::string_view token) {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(token);
  // What is past its deadline is the sweeper's.
  if (found == entries_.end() || found->second.deadline <= absl::Now()) {
    return WithReason(
        absl::NotFoundError("the ticket has expired, is used, or never was"),
        "TICKET_UNKNOWN");
  }
  Claim claim = std::move(found->second.claim);
  entries_.erase(found);
  return claim;
}

std::vector<TicketBooth::Entry> TicketBooth::TakeExpired() {
  const absl::Time now = absl::Now();
  std::vector<Entry> expired;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (entry->second.deadline > now) {
      ++entry;
      continue;
    }
    expired.push_back(std::move(entry->second));
    entry = entries_.erase(entry);
  }
  return expired;
}

absl::Time TicketBooth::EarliestDeadline() const {
  absl::Time earliest = absl::InfiniteFuture();
  for (const auto& [token, entry] : entries_) {
    earliest = std::min(earliest, entry.deadline);
  }
  return earliest;
}

void TicketBooth::Sweep() {
  for (;;) {
    std::vector<Entry> expired;
    {
      absl::MutexLock lock(&mutex_);
      if (closing_) return;
      changed_.WaitWithDeadline(&mutex_, EarliestDeadline());
      if (closing_) return;
      expired = TakeExpired();
    }
    for (const Entry& entry : expired) {
      if (entry.expired) entry.expired();
    }
  }
}

void TicketBooth::ServeConnection(UniqueFd connection,
                                  const std::function<void()>& redeemed) {
  SetSocketTimeout(connection.get(), kTicketLifetime);
  char token[kTokenBytes];
  if (recv(connection.get(), token, sizeof(token), MSG_WAITALL) !=
      static_cast<ssize_t>(sizeof(token))) {
    return;
  }
  absl::StatusOr<Claim> claim = Take({token, sizeof(token)});
  if (!claim.ok()) {
    (void)sys::SendWithFds(connection.get(), &kTicketUnknown, 1, nullptr, 0);
    return;
  }
  if (redeemed != nullptr) redeemed();
  if (auto* descriptor = std::get_if<Descriptor>(&*claim)) {
    const int fd = descriptor->fd.get();
    (void)sys::SendWithFds(connection.get(), &kTicketTaken, 1, &fd, 1);
    return;
  }
  // A peer that left is the handler's to notice, as later on.
  (void)sys::SendWithFds(connection.get(), &kTicketTaken, 1, nullptr, 0);
  SetSocketTimeout(connection.get(), absl::ZeroDuration());
  std::get<Handler>(*claim)(std::move(connection));
}

}  // namespace tug::rpc
