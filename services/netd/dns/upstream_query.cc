// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/upstream_query.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "absl/memory/memory.h"
#include "lib/base/id.h"
#include "lib/base/status.h"

namespace tug::netd::dns {
namespace {

uint16_t RandomId() {
  const std::string bytes = RandomBytes(2);
  return static_cast<uint16_t>(static_cast<uint8_t>(bytes[0]) * 256 +
                               static_cast<uint8_t>(bytes[1]));
}

}  // namespace

UpstreamQuery::UpstreamQuery(const Question& question,
                             absl::string_view message)
    : question_(question), message_(message), id_(RandomId()) {
  SetId(message_, id_);
}

absl::StatusOr<std::unique_ptr<UpstreamQuery>> UpstreamQuery::Start(
    UniqueFd socket, bool tcp, const Question& question,
    absl::string_view message, ByteBudget& buffers) {
  auto query = absl::WrapUnique(new UpstreamQuery(question, message));
  if (tcp) {
    query->tcp_ =
        std::make_unique<FramedStream>(std::move(socket), kMaxMessage, buffers);
    query->tcp_->Send(query->message_);
    return query;
  }
  // The first failure may be of the question before on this socket.
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (send(socket.get(), query->message_.data(), query->message_.size(), 0) >=
        0) {
      query->udp_ = std::move(socket);
      return query;
    }
  }
  return ErrnoStatus(errno, "ask a name server");
}

std::optional<UpstreamQuery::Outcome> UpstreamQuery::Read(
    absl::string_view message) const {
  const auto header = ParseReply(message, question_);
  if (!header.ok() || header->id != id_) return std::nullopt;
  Outcome outcome = {false, header->code, std::string(message)};
  SetId(outcome.reply, question_.id);
  return outcome;
}

std::optional<UpstreamQuery::Outcome> UpstreamQuery::OnReady() {
  const Outcome failure = {true, kServerFailure, ""};
  if (tcp_ != nullptr) {
    const bool open = tcp_->Flush() && tcp_->Fill();
    if (const auto message = tcp_->Next()) {
      const auto outcome = Read(*message);
      return outcome.has_value() ? outcome : failure;
    }
    if (!open) return failure;
    return std::nullopt;
  }
  // Not cleared: 64 KiB for each reply would cost more than the reply.
  static thread_local std::array<char, kMaxMessage> buffer;
  const ssize_t size = recv(udp_.get(), buffer.data(), buffer.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  if (size < 0) return failure;  // Refused: nobody listens there.
  return Read(absl::string_view(buffer.data(), static_cast<size_t>(size)));
}

}  // namespace tug::netd::dns
