// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/upstream_query.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "lib/base/check.h"
#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::netd::dns {
namespace {

constexpr uint16_t kDnsPort = 53;

UniqueFd OpenSocket(int family, bool tcp) {
  const int type = tcp ? SOCK_STREAM : SOCK_DGRAM;
  return UniqueFd(socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// A socket keeps the namespace of the thread that opens it.
UniqueFd OpenSocketIn(int ns, int family, bool tcp) {
  if (ns < 0) return OpenSocket(family, tcp);
  const UniqueFd home(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!home || setns(ns, CLONE_NEWNET) != 0) return UniqueFd();
  UniqueFd opened = OpenSocket(family, tcp);
  // In the wrong namespace every later question would go astray.
  CHECK(setns(home.get(), CLONE_NEWNET) == 0);
  return opened;
}

uint16_t RandomId() {
  const std::string bytes = RandomBytes(2);
  return static_cast<uint16_t>(static_cast<uint8_t>(bytes[0]) * 256 +
                               static_cast<uint8_t>(bytes[1]));
}

}  // namespace

UpstreamQuery::UpstreamQuery(const Question& question, std::string message)
    : question_(question), message_(std::move(message)), id_(RandomId()) {
  SetId(message_, id_);
}

absl::StatusOr<std::unique_ptr<UpstreamQuery>> UpstreamQuery::Start(
    const netlink::IpAddress& server, bool tcp, int ns,
    const Question& question, const std::string& message) {
  auto query = absl::WrapUnique(new UpstreamQuery(question, message));
  const std::string what = absl::StrCat("ask ", server.ToString());
  UniqueFd socket = OpenSocketIn(ns, server.family(), tcp);
  if (!socket) return ErrnoStatus(errno, what);
  sockaddr_storage address;
  const socklen_t size = netlink::ToSockaddr(server, kDnsPort, address);
  if (connect(socket.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 &&
      errno != EINPROGRESS) {
    return ErrnoStatus(errno, what);
  }
  if (tcp) {
    query->tcp_ = std::make_unique<FramedStream>(std::move(socket));
    query->tcp_->Send(query->message_);
    return query;
  }
  if (send(socket.get(), query->message_.data(), query->message_.size(), 0) <
      0) {
    return ErrnoStatus(errno, what);
  }
  query->udp_ = std::move(socket);
  return query;
}

std::optional<UpstreamQuery::Outcome> UpstreamQuery::Read(
    std::string message) const {
  const auto header = ParseReply(message, question_);
  if (!header.ok() || header->id != id_) return std::nullopt;
  SetId(message, question_.id);
  return Outcome{false, header->code, std::move(message)};
}

std::optional<UpstreamQuery::Outcome> UpstreamQuery::OnReady() {
  const Outcome failure = {true, kServerFailure, ""};
  if (tcp_ != nullptr) {
    const bool open = tcp_->Flush() && tcp_->Fill();
    if (std::optional<std::string> message = tcp_->Next()) {
      const auto outcome = Read(*std::move(message));
      return outcome.has_value() ? outcome : failure;
    }
    if (!open) return failure;
    return std::nullopt;
  }
  std::string message(kMaxMessage, '\0');
  const ssize_t size = recv(udp_.get(), message.data(), message.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  if (size < 0) return failure;  // Refused: nobody listens there.
  message.resize(static_cast<size_t>(size));
  return Read(std::move(message));
}

}  // namespace tug::netd::dns
