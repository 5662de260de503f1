// SPDX-License-Identifier: Apache-2.0
//
// A WebSocket joined to a stream socket, by Boost.Beast. Everything runs on the
// calling thread, in an io_context of its own, as two loops that wait for each
// other nowhere:
//   client -> ReadClient -> from_client -> WriteStream -> ReadClient ...
//   stream -> ReadStream -> to_client -> WriteClient -> ReadStream ...
// Each holds one buffer, so a side that does not read holds up the other and
// costs no memory. The first loop to end ends the session: the client's by
// closing the stream, the stream's by a close handshake. Either way the other
// side of the handshake is waited for no longer than kCloseWait.
#include "lib/http/websocket.h"

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/generic/stream_protocol.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/steady_timer.hpp"
#include "boost/asio/write.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/http/empty_body.hpp"
#include "boost/beast/http/message.hpp"
#include "boost/beast/websocket/rfc6455.hpp"
#include "boost/beast/websocket/stream.hpp"
#include "lib/base/status_macros.h"

namespace tug::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;
using StreamSocket = asio::generic::stream_protocol::socket;
using Upgrade = beast::http::request<beast::http::empty_body>;

constexpr size_t kBufferSize = 64 * 1024;
constexpr std::chrono::seconds kCloseWait(5);

// The request as Beast's handshake reads it.
Upgrade ToUpgrade(const RequestHead& head) {
  Upgrade request;
  request.version(head.minor_version == 1 ? 11 : 10);
  request.method_string(beast::string_view(head.method));
  request.target(beast::string_view(head.target));
  for (const char* name : {"Host", "Connection", "Upgrade", "Sec-WebSocket-Key",
                           "Sec-WebSocket-Version"}) {
    const std::string_view value = head.headers.Get(name);
    if (!value.empty()) {
      request.set(name, beast::string_view(value.data(), value.size()));
    }
  }
  return request;
}

// A socket of any family, as asio holds it. Takes `fd`.
absl::Status Adopt(UniqueFd fd, StreamSocket& socket) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
  error_code error;
  socket.assign(asio::generic::stream_protocol(address.ss_family, 0), fd.get(),
                error);
  if (error) return absl::InternalError(error.message());
  (void)fd.release();
  return absl::OkStatus();
}

class Session {
 public:
  explicit Session(WebSocketBridge bridge)
      : bridge_(std::move(bridge)),
        client_(context_),
        stream_(context_),
        patience_(context_) {}

  absl::Status Run(Exchange::Raw raw, const Upgrade& request) {
    RETURN_IF_ERROR(Adopt(std::move(raw.socket), client_.next_layer()));
    RETURN_IF_ERROR(Adopt(std::move(bridge_.stream), stream_));
    client_.read_message_max(0);  // Read in pieces: nothing adds up.
    client_.binary(bridge_.binary);
    client_.control_callback(
        [this](websocket::frame_type kind, beast::string_view) {
          if (kind == websocket::frame_type::close) ClosedByClient();
        });
    error_code error;
    client_.accept(request, error);
    if (error) {
      return absl::CancelledError(
          absl::StrCat("WebSocket handshake: ", error.message()));
    }
    ReadClient();
    ReadStream();
    context_.run();
    return absl::OkStatus();
  }

 private:
  // Pings and closes are answered within a read: there is always one.
  void ReadClient() {
    client_.async_read_some(
        asio::buffer(in_), [this](error_code error, size_t size) {
          if (error) return End();
          std::string_view bytes(in_.data(), size);
          if (!bridge_.input) return ReadClient();
          bool goes_on = true;
          if (bridge_.from_client) {
            filtered_in_.clear();
            goes_on = bridge_.from_client(bytes, filtered_in_);
            bytes = filtered_in_;
          }
          WriteStream(bytes, goes_on);
        });
  }

  void WriteStream(std::string_view bytes, bool goes_on) {
    asio::async_write(stream_, asio::buffer(bytes.data(), bytes.size()),
                      [this, goes_on](error_code error, size_t) {
                        if (error || !goes_on) return Close();
                        ReadClient();
                      });
  }

  void ReadStream() {
    stream_.async_read_some(asio::buffer(out_),
                            [this](error_code error, size_t size) {
                              if (error) return Close();
                              WriteClient(std::string_view(out_.data(), size));
                            });
  }

  void WriteClient(std::string_view bytes) {
    bool goes_on = true;
    if (bridge_.to_client) {
      filtered_out_.clear();
      goes_on = bridge_.to_client(bytes, filtered_out_);
      bytes = filtered_out_;
    }
    // A message is never empty.
    if (bytes.empty()) return goes_on ? ReadStream() : Close();
    client_.async_write(asio::buffer(bytes.data(), bytes.size()),
                        [this, goes_on](error_code error, size_t) {
                          if (error) return End();
                          if (!goes_on) return Close();
                          ReadStream();
                        });
  }

  // Our side has ended: tell the client, and wait for it a while.
  void Close() {
    if (std::exchange(closing_, true)) return;
    EndAfterAWhile();
    client_.async_close(websocket::close_code::normal,
                        [this](error_code) { End(); });
  }

  // The read that has found its close answers it, and goes on until the client
  // has left. The stream does not wait for that.
  void ClosedByClient() {
    if (std::exchange(closing_, true)) return;
    EndAfterAWhile();
    error_code ignored;
    stream_.close(ignored);
  }

  void EndAfterAWhile() {
    patience_.expires_after(kCloseWait);
    patience_.async_wait([this](error_code error) {
      if (!error) End();
    });
  }

  // Both loops and the timer end with their sockets.
  void End() {
    error_code ignored;
    stream_.close(ignored);
    client_.next_layer().close(ignored);
    patience_.cancel();
  }

  WebSocketBridge bridge_;
  asio::io_context context_{1};
  websocket::stream<StreamSocket> client_;
  StreamSocket stream_;
  asio::steady_timer patience_;
  bool closing_ = false;
  std::array<char, kBufferSize> in_;
  std::array<char, kBufferSize> out_;
  std::string filtered_in_;
  std::string filtered_out_;
};

}  // namespace

bool IsWebSocketRequest(const RequestHead& head) {
  return websocket::is_upgrade(ToUpgrade(head)) &&
         !head.headers.Get("Sec-WebSocket-Key").empty() &&
         head.headers.Get("Sec-WebSocket-Version") == "13";
}

absl::Status ServeWebSocket(Exchange& exchange, WebSocketBridge bridge) {
  const Upgrade request = ToUpgrade(exchange.head());
  ResponseHead by_beast;
  by_beast.status = 0;
  ASSIGN_OR_RETURN(Exchange::Raw raw, exchange.Hijack(std::move(by_beast)));
  if (!raw.buffered.empty()) {
    return absl::InvalidArgumentError("bytes before the WebSocket handshake");
  }
  // On the heap: the buffers are large.
  const auto session = std::make_unique<Session>(std::move(bridge));
  return session->Run(std::move(raw), request);
}

}  // namespace tug::http
