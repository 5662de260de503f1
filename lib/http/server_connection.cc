// SPDX-License-Identifier: Apache-2.0
#include "lib/http/server_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/status_macros.h"
#include "lib/http/buffered_socket.h"
#include "lib/http/message_parser.h"
#include "lib/http/message_writer.h"
#include "lib/http/server_exchange.h"

namespace tug::http {
namespace {

// A spare connection must not be held for long.
constexpr absl::Duration kSpareTimeout = absl::Seconds(2);

constexpr std::string_view kTooManyConnections =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n"
    "Content-Length: 46\r\nConnection: close\r\n\r\n"
    "{\"message\":\"too many connections, try again\"}\n";

// What cannot be parsed is answered in plain text: who sent it may not even
// speak this protocol.
void Refuse(BufferedSocket& input, const absl::Status& status) {
  const int code = absl::IsResourceExhausted(status) ? 431 : 400;
  ResponseHead head;
  head.status = code;
  head.headers.Add("Content-Type", "text/plain; charset=utf-8");
  head.headers.Add("Connection", "close");
  const std::string body = absl::StrCat(
      code, " ", std::string(ReasonPhrase(code)), ": ", status.message(), "\n");
  head.headers.Add("Content-Length", absl::StrCat(body.size()));
  const auto text = FormatResponseHead(head);
  if (!text.ok() || !input.Send({*text, body}).ok()) return;
  input.Linger(kMaxLingeredBody, kLingerSilence, kLingerTime);
}

}  // namespace

int PeerUid(int socket) {
  ucred credentials = {};
  socklen_t size = sizeof(credentials);
  sockaddr_storage address = {};
  socklen_t address_size = sizeof(address);
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address),
                    &address_size) != 0 ||
      address.ss_family != AF_UNIX ||
      ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return -1;
  }
  return static_cast<int>(credentials.uid);
}

ServerConnection::ServerConnection(UniqueFd socket, const ServerLimits& limits,
                                   const Handler& handler,
                                   DisconnectWatcher& watcher, bool spare)
    : socket_(std::move(socket)),
      limits_(limits),
      handler_(handler),
      watcher_(watcher),
      spare_(spare),
      peer_uid_(PeerUid(socket_.get())) {}

absl::Status ServerConnection::ReadHead(BufferedSocket& input,
                                        RequestParser& parser) {
  absl::Time deadline =
      spare_ ? absl::Now() + kSpareTimeout : absl::InfiniteFuture();
  for (;;) {
    if (!input.unread().empty()) {
      ASSIGN_OR_RETURN(const size_t used, parser.ParseHead(input.unread()));
      if (used > 0) {
        input.Consume(used);
        return absl::OkStatus();
      }
      if (deadline == absl::InfiniteFuture()) {
        deadline = absl::Now() + limits_.header_timeout;
      }
    }
    const absl::Duration timeout =
        deadline == absl::InfiniteFuture()
            ? limits_.idle_timeout
            : std::max(deadline - absl::Now(), absl::Milliseconds(1));
    ASSIGN_OR_RETURN(const size_t filled, input.Fill(timeout));
    if (filled == 0) return absl::CancelledError("closed by the client");
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError("header took too long");
    }
  }
}

bool ServerConnection::ServeOne(BufferedSocket& input) {
  const auto parser = NewRequestParser(limits_.max_header_bytes);
  const absl::Status read = ReadHead(input, *parser);
  if (!read.ok()) {
    if (absl::IsInvalidArgument(read) || absl::IsResourceExhausted(read)) {
      Refuse(input, read);
    }
    return false;
  }
  idle_ = false;
  wait_.End();
  wait_.Forget();
  if (spare_ && RefusedAsSpare(input, parser->head())) return false;
  ServerExchange exchange(input, *parser, watcher_, limits_, peer_uid_,
                          [this] { StreamBegins(); });
  handler_(exchange);
  const bool again = exchange.Finish();
  streaming_ = false;
  wait_.Forget();
  idle_ = true;
  return again && !closing_ && !spare_;
}

bool ServerConnection::RefusedAsSpare(BufferedSocket& input,
                                      const RequestHead& head) {
  if (limits_.is_cheap != nullptr && limits_.is_cheap(head)) return false;
  (void)input.Send(kTooManyConnections);
  input.Linger(kMaxLingeredBody, kLingerSilence, kSpareTimeout);
  return true;
}

void ServerConnection::Serve() {
  BufferedSocket input(socket_.get(), limits_.max_header_bytes, &wait_);
  while (ServeOne(input)) {
  }
}

void ServerConnection::CloseWhenIdle() {
  closing_ = true;
  if (idle_) ::shutdown(socket_.get(), SHUT_RD);
}

void ServerConnection::StreamBegins() {
  streaming_ = true;
  if (no_streams_) Break();
}

void ServerConnection::EndStream() {
  no_streams_ = true;
  if (streaming_) Break();
}

void ServerConnection::Break() { ::shutdown(socket_.get(), SHUT_RDWR); }

}  // namespace tug::http
