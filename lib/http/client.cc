// SPDX-License-Identifier: Apache-2.0
#include "lib/http/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/http/buffered_socket.h"
#include "lib/http/client_connection.h"
#include "lib/http/message_parser.h"
#include "lib/http/message_writer.h"

namespace tug::http {
namespace {

constexpr size_t kMaxHeaderBytes = 64 * 1024;
constexpr size_t kBodyStep = 64 * 1024;
// Largest body of a refused upgrade.
constexpr size_t kMaxRefusal = 1024 * 1024;

class SocketClient final : public Client {
 public:
  explicit SocketClient(Endpoint endpoint) : endpoint_(std::move(endpoint)) {}

  absl::StatusOr<Response> Call(const Request& request, size_t limit) override;
  absl::StatusOr<ResponseHead> Stream(
      const Request& request,
      const std::function<absl::Status(const ResponseHead&)>& on_head,
      const std::function<absl::Status(std::string_view)>& on_body) override;
  absl::StatusOr<Upgraded> Upgrade(const Request& request) override;

 private:
  using OnBody = std::function<absl::Status(std::string_view)>;

  absl::Status EnsureConnected();
  absl::Status Send(const Request& request, bool upgrade);
  absl::Status SendBody(const Request& request);
  absl::StatusOr<std::unique_ptr<ResponseParser>> ReadHead(bool is_head);
  // Sends and reads the head; once more on a fresh connection when a kept one
  // turns out to be closed.
  absl::StatusOr<std::unique_ptr<ResponseParser>> Exchange(
      const Request& request, bool upgrade);
  absl::Status ReadBody(ResponseParser& parser, const OnBody& on_body);
  void Disconnect() {
    connection_.reset();
    socket_.reset();
  }

  const Endpoint endpoint_;
  UniqueFd socket_;
  std::optional<BufferedSocket> connection_;
};

// Whether a kept connection has been closed by the engine meanwhile.
bool LooksClosed(int socket) {
  pollfd fd = {socket, POLLIN | POLLRDHUP, 0};
  return ::poll(&fd, 1, 0) > 0;
}

absl::Status SocketClient::EnsureConnected() {
  if (socket_ && LooksClosed(socket_.get())) Disconnect();
  if (socket_) return absl::OkStatus();
  ASSIGN_OR_RETURN(socket_, Connect(endpoint_));
  connection_.emplace(socket_.get(), kMaxHeaderBytes);
  return absl::OkStatus();
}

absl::Status SocketClient::SendBody(const Request& request) {
  std::string buffer(kBodyStep, '\0');
  for (;;) {
    ASSIGN_OR_RETURN(const size_t size,
                     request.read_body(buffer.data(), buffer.size()));
    if (size == 0) return connection_->Send(kLastChunk);
    RETURN_IF_ERROR(connection_->Send({ChunkHeader(size),
                                       std::string_view(buffer).substr(0, size),
                                       std::string_view("\r\n")}));
  }
}

absl::Status SocketClient::Send(const Request& request, bool upgrade) {
  Headers headers = request.headers;
  if (!headers.Has("Host")) {
    headers.Add("Host", endpoint_.unix_path.empty()
                            ? absl::StrCat(endpoint_.host, ":", endpoint_.port)
                            : "localhost");
  }
  if (upgrade) {
    headers.Set("Connection", "Upgrade");
    headers.Set("Upgrade", "tcp");
  }
  if (request.read_body) {
    headers.Set("Transfer-Encoding", "chunked");
  } else if (!request.body.empty() || request.method == "POST" ||
             request.method == "PUT") {
    headers.Set("Content-Length", absl::StrCat(request.body.size()));
  }
  ASSIGN_OR_RETURN(const std::string head,
                   FormatRequestHead(request.method, request.target, headers));
  if (!request.read_body) {
    return request.body.empty() ? connection_->Send(head)
                                : connection_->Send({head, request.body});
  }
  RETURN_IF_ERROR(connection_->Send(head));
  return SendBody(request);
}

absl::StatusOr<std::unique_ptr<ResponseParser>> SocketClient::ReadHead(
    bool is_head) {
  for (;;) {
    auto parser = NewResponseParser(kMaxHeaderBytes, is_head);
    size_t used = 0;
    while (used == 0) {
      if (!connection_->unread().empty()) {
        ASSIGN_OR_RETURN(used, parser->ParseHead(connection_->unread()));
        if (used > 0) break;
      }
      ASSIGN_OR_RETURN(const size_t filled,
                       connection_->Fill(absl::InfiniteDuration()));
      if (filled == 0) {
        return absl::UnavailableError(
            absl::StrCat("the engine at ", endpoint_.text,
                         " closed the connection without an answer"));
      }
    }
    connection_->Consume(used);
    const int status = parser->head().status;
    // Interim answers (100, 102) precede the real one.
    if (status / 100 != 1 || status == 101) return parser;
  }
}

absl::StatusOr<std::unique_ptr<ResponseParser>> SocketClient::Exchange(
    const Request& request, bool upgrade) {
  RETURN_IF_ERROR(EnsureConnected());
  absl::Status sent = Send(request, upgrade);
  // The engine may have answered, and hung up, before it had the whole body.
  if (!sent.ok() && !absl::IsCancelled(sent)) {
    Disconnect();
    return sent;
  }
  auto parser = ReadHead(request.method == "HEAD");
  if (!parser.ok()) Disconnect();
  return parser;
}

absl::Status SocketClient::ReadBody(ResponseParser& parser,
                                    const OnBody& on_body) {
  std::string buffer(kBodyStep, '\0');
  while (!parser.done()) {
    ASSIGN_OR_RETURN(
        const BodyStep step,
        parser.ParseBody(connection_->unread(), buffer.data(), buffer.size()));
    connection_->Consume(step.consumed);
    if (step.produced > 0) {
      RETURN_IF_ERROR(
          on_body(std::string_view(buffer).substr(0, step.produced)));
    }
    if (step.produced > 0 || step.consumed > 0) continue;
    ASSIGN_OR_RETURN(const size_t filled,
                     connection_->Fill(absl::InfiniteDuration()));
    if (filled == 0) return parser.ParseEof();
  }
  return absl::OkStatus();
}

absl::StatusOr<ResponseHead> SocketClient::Stream(
    const Request& request,
    const std::function<absl::Status(const ResponseHead&)>& on_head,
    const std::function<absl::Status(std::string_view)>& on_body) {
  ASSIGN_OR_RETURN(const auto parser, Exchange(request, /*upgrade=*/false));
  const ResponseHead head = parser->head();
  absl::Status status = on_head ? on_head(head) : absl::OkStatus();
  if (status.ok()) status = ReadBody(*parser, on_body);
  if (!status.ok() || !parser->done() || !parser->keep_alive()) Disconnect();
  if (!status.ok()) return status;
  return head;
}

absl::StatusOr<Response> SocketClient::Call(const Request& request,
                                            size_t limit) {
  Response response;
  ASSIGN_OR_RETURN(
      response.head, Stream(request, nullptr, [&](std::string_view piece) {
        if (response.body.size() + piece.size() > limit) {
          return absl::InvalidArgumentError(
              absl::StrCat("the answer is larger than ", limit, " bytes"));
        }
        response.body.append(piece.data(), piece.size());
        return absl::OkStatus();
      }));
  return response;
}

absl::StatusOr<Client::Upgraded> SocketClient::Upgrade(const Request& request) {
  // The connection is given away, so it must not carry anything else.
  Disconnect();
  ASSIGN_OR_RETURN(const auto parser, Exchange(request, /*upgrade=*/true));
  Upgraded upgraded;
  upgraded.head = parser->head();
  const bool raw = upgraded.head.status == 101 ||
                   (upgraded.head.status == 200 &&
                    !upgraded.head.headers.Has("Content-Length") &&
                    !upgraded.head.headers.Has("Transfer-Encoding"));
  if (raw) {
    upgraded.buffered = std::string(connection_->unread());
    upgraded.socket = std::move(socket_);
    Disconnect();
    return upgraded;
  }
  const absl::Status read = ReadBody(*parser, [&](std::string_view piece) {
    if (upgraded.body.size() + piece.size() > kMaxRefusal) {
      return absl::InvalidArgumentError("the answer is too long");
    }
    upgraded.body.append(piece.data(), piece.size());
    return absl::OkStatus();
  });
  Disconnect();
  RETURN_IF_ERROR(read);
  return upgraded;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> NewClient(std::string_view endpoint) {
  ASSIGN_OR_RETURN(Endpoint parsed, ParseEndpoint(endpoint));
  return std::make_unique<SocketClient>(std::move(parsed));
}

}  // namespace tug::http
